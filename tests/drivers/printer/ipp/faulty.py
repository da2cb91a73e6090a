"""A scripted IPP printer on loopback, written from RFC 8010 and 8011: it has bad days that a real one has seldom.

It shares no code with the driver.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

GET_PRINTER, PRINT_JOB, CANCEL, GET_JOB, GET_JOBS, RESUME = 0x0B, 0x02, 0x08, 0x09, 0x0A, 0x11
_REASON = {200: "OK", 401: "Unauthorized", 503: "Service Unavailable"}


def value(tag: int, name: str, *raws: bytes) -> bytes:
    out = b""
    for raw in raws:
        out += struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(raw)) + raw
        name = ""
    return out


def number(tag: int, name: str, n: int) -> bytes:
    return value(tag, name, struct.pack(">i", n))


@dataclass
class Job:
    id: int
    name: str
    state: int = 9
    begun: bool = True


@dataclass
class Faulty:
    """`lose`: operations whose answer never leaves, by how often. `cut`: answers end after so many bytes.

    `more`: further attributes of the printer, as bytes.
    """

    state: int = 3
    reasons: list[str] = field(default_factory=lambda: ["none"])
    formats: list[str] = field(default_factory=lambda: ["application/pdf"])
    resume_status: int = 0
    http_status: int = 200
    content_type: str = "application/ipp"
    forget_jobs: bool = False
    new_job: Job = field(default_factory=lambda: Job(0, ""))
    refuse_job: int = 0
    lose: dict[int, int] = field(default_factory=dict)
    more: bytes = b""
    cut: int | None = None
    jobs: list[Job] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    documents: list[bytes] = field(default_factory=list)
    length: int = 0
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length:")[2].partition("\r\n")[0])
            body = await reader.readexactly(length)
            operation, request = struct.unpack_from(">HI", body, 2)
            self.asked.append(operation)
            status, groups = self._answer(operation, body)
            if self.lose.get(operation, 0):
                self.lose[operation] -= 1
                writer.transport.abort()
                return
            answer = b"\x02\x00" + struct.pack(">HI", status, request) + b"\x01" + groups + b"\x03"
            self.length = len(answer)
            if self.cut is not None:
                answer = answer[: self.cut]
            writer.write(
                f"HTTP/1.1 {self.http_status} {_REASON[self.http_status]}\r\ncontent-type: {self.content_type}\r\n"
                f"content-length: {len(answer)}\r\nconnection: close\r\n\r\n".encode()
                + answer
            )
            await writer.drain()
        finally:
            writer.close()

    def _answer(self, operation: int, body: bytes) -> tuple[int, bytes]:
        head = value(0x47, "attributes-charset", b"utf-8") + value(0x48, "attributes-natural-language", b"en")
        match operation:
            case 0x0B:
                return 0, head + b"\x04" + self._printer()
            case 0x02:
                if self.refuse_job:
                    return self.refuse_job, head
                attributes, _, document = body.partition(b"\x03%PDF")
                self.documents.append(document)
                name = attributes.partition(b"job-name")[2]
                length = int.from_bytes(name[:2], "big")
                new = self.new_job
                self.jobs.append(Job(len(self.jobs) + 1, name[2 : 2 + length].decode(), new.state, new.begun))
                return 0, head + b"\x02" + self._job(self.jobs[-1])
            case 0x09:
                return 0, head + b"\x02" + self._job(self.jobs[-1])
            case 0x0A:
                kept = [] if self.forget_jobs or b"not-completed" in body else self.jobs
                return 0, head + b"".join(b"\x02" + self._job(job) for job in kept)
            case 0x08:
                self.jobs[-1].state = 7
                return 0, head
            case 0x11:
                if not self.resume_status:
                    self.state, self.reasons = 3, ["none"]
                return self.resume_status, head
        return 0x0501, head

    def _printer(self) -> bytes:
        return (
            number(0x23, "printer-state", self.state)
            + value(0x44, "printer-state-reasons", *(reason.encode() for reason in self.reasons))
            + value(0x41, "printer-state-message", "停在这里".encode())
            + value(0x49, "document-format-supported", *(mime.encode() for mime in self.formats))
            + value(0x34, "media-col-default", b"")
            + value(0x4A, "", b"media-size")
            + value(0x37, "", b"")
            + value(0x22, "printer-is-accepting-jobs", b"\x01")
            + self.more
        )

    def _job(self, job: Job) -> bytes:
        begun = number(0x21, "time-at-processing", 7) if job.begun else value(0x13, "time-at-processing", b"")
        return (
            number(0x21, "job-id", job.id)
            + number(0x23, "job-state", job.state)
            + value(0x44, "job-state-reasons", b"none")
            + value(0x42, "job-name", job.name.encode())
            + begun
        )


@asynccontextmanager
async def faulty_printer() -> AsyncIterator[Faulty]:
    printer = Faulty()
    server = await asyncio.start_server(printer.serve, "127.0.0.1", 0)
    printer.url = f"ipp://127.0.0.1:{server.sockets[0].getsockname()[1]}/printers/notices"
    async with server:
        yield printer
