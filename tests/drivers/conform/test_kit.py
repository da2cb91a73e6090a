"""The kit must see what it is there to see: each of these drivers has one fault, and one check finds it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict

from drivers.conform import kit
from drivers.conform.bench import Bench
from drivers.conform.ears import Ears
from drivers.conform.line import Line, Trouble
from drivers.conform.peers import RecordedPeer, Say
from drivers.conform.recording import Recording, Step
from drivers.conform.result import Result
from drivers.conform.rig import Subject
from drivers.conform.tiers import CHECKS, TIERS, tier_of
from drivers.conform.virtual_time import Stuck, run_virtual
from drivers.contract import Code, Context, Event, Health, Identity, Info, Kind, Link
from drivers.errors import Garbled, Gone, Late
from drivers.links import ended
from drivers.links.tap import Chunk, keep_private


class NoOptions(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Scanner:
    """A sound driver of an invented scanner: `?` -> `Snn;`, `R` -> `<text>*xx;` with a sum; one line, no events."""

    info: ClassVar[Info] = Info(
        kind=Kind.CODE_READER, maker="Invented", models=("one",), links=("tcp",), probe="asks", secrets=("scan",)
    )
    Config: ClassVar[type[BaseModel]] = NoOptions

    def __init__(self, config: Any, link: Link, ctx: Context) -> None:
        self.link, self.ctx = link, ctx
        self.turn = asyncio.Lock()

    async def open(self) -> Identity:
        await self.link.open()
        try:
            return Identity(serial=(await self.ask(b"?"))[1:])
        except BaseException:
            await self.link.close()
            raise

    async def check(self) -> Health:
        await self.ask(b"?")
        return Health(state="ready")

    async def close(self) -> None:
        await self.link.close()

    async def events(self) -> AsyncIterator[Event]:
        await ended(self.link)
        raise Gone("ended")
        yield

    async def scan(self) -> Code:
        text = await self.ask(b"R")
        self.ctx.note("scanned", size=len(text))
        return Code(text=text)

    async def ask(self, question: bytes) -> str:
        async with self.turn:
            self.link.discard_input()
            keep_private(self.link, True)
            await self.link.write(question)
            try:
                async with asyncio.timeout(0.5):
                    answer = await self.whole_answer()
            except TimeoutError:
                raise Late("no answer") from None
            return self.checked(answer)

    async def whole_answer(self) -> bytes:
        answer = b""
        while not answer.endswith(b";"):
            answer += await self.link.read()
            if len(answer) > 64:
                raise Garbled("too long")
        return answer

    def checked(self, answer: bytes) -> str:
        text, star, check = answer[:-1].rpartition(b"*")
        if not star or check != b"%02x" % (sum(text) % 256):
            raise Garbled("sum")
        return text.decode("ascii", "replace")


class BelievesAnything(Scanner):
    def checked(self, answer: bytes) -> str:
        return answer[:-1].rpartition(b"*")[0].decode("latin-1")


class Chatty(Scanner):
    async def scan(self) -> Code:
        code = await super().scan()
        logging.getLogger("chatty").debug("got %s", code.text)
        return code


class LeavesTasks(Scanner):
    async def close(self) -> None:
        self.left = asyncio.ensure_future(asyncio.sleep(3600))
        await super().close()


class RaisesItsOwn(Scanner):
    async def whole_answer(self) -> bytes:
        answer = await super().whole_answer()
        if answer.count(b"*") != 1:
            raise ValueError("unexpected")
        return answer


class Patient(Scanner):
    async def ask(self, question: bytes) -> str:
        self.link.discard_input()
        await self.link.write(question)
        return self.checked(await self.whole_answer())


class WantsWholeChunks(Scanner):
    async def whole_answer(self) -> bytes:
        answer = await self.link.read()
        if not answer.endswith(b";"):
            raise Garbled("half")
        return answer


class Swallows(Scanner):
    async def scan(self) -> Code:
        try:
            return await super().scan()
        except asyncio.CancelledError:
            return Code(text="")


class NeverNoticesTheEnd(Scanner):
    async def ask(self, question: bytes) -> str:
        try:
            return await super().ask(question)
        except Gone:
            await asyncio.sleep(3600)
            raise


class OpensOnce(Scanner):
    opened = 0

    async def open(self) -> Identity:
        self.opened += 1
        if self.opened > 60:
            raise Late("worn out")
        return await super().open()


class HidesWhy(Scanner):
    async def open(self) -> Identity:
        try:
            return await super().open()
        except Exception as problem:
            raise Late("cannot open") from problem


class TakesAnyone(Scanner):
    async def open(self) -> Identity:
        await self.link.open()
        return Identity(serial="n1")


class Spins(Scanner):
    async def whole_answer(self) -> bytes:
        while not (answer := self.link.discard_input()):
            await asyncio.sleep(0)
        return answer


def _sum(text: bytes) -> bytes:
    return text + b"*%02x;" % (sum(text) % 256)


WIRE = (
    Chunk(0, "open", b"", 0),
    Chunk(0, "out", b"?", 1),
    Chunk(0.01, "in", _sum(b"Sn1"), 7),
    Chunk(1, "out", b"R", 1),
    Chunk(1.2, "in", _sum(b"SECRET-119999")[:5], 5),
    Chunk(1.3, "in", _sum(b"SECRET-119999")[5:], 12),
)
TOLD = Recording(
    driver="invented",
    identity=Identity(serial="n1"),
    steps=(
        Step(verb="scan", answer={"text": "SECRET-119999", "symbology": ""}),
        Step(verb="check", answer={"state": "ready", "code": ""}),
    ),
)


@pytest.fixture
def examine(tmp_path: Path) -> Callable[..., tuple[Result, Ears]]:
    def run(cls: type[Any], check: str) -> tuple[Result, Ears]:
        bench = Bench(session=tmp_path / "none.json", peer=lambda: RecordedPeer(WIRE), secrets=("SECRET-119999",))
        with Ears(bench.secrets) as ears:
            subject = Subject("invented", cls, bench, TOLD, {}, ears, tmp_path, most=None)
            return kit.run_check(subject, check), ears

    return run


@pytest.mark.parametrize("check", [check for check in kit.RUNNABLE if check != "double_claim"])
def test_a_sound_driver_stands_it(examine: Callable[..., tuple[Result, Ears]], check: str) -> None:
    result, ears = examine(Scanner, check)
    assert result.verdict == "passed", result.why
    assert not ears.leaks


@pytest.mark.parametrize(
    ("cls", "check", "why"),
    [
        (BelievesAnything, "spoil", "was believed"),
        (LeavesTasks, "open_close", "left: task sleep"),
        (RaisesItsOwn, "spoil", "ValueError at test_kit.py"),
        (Patient, "cut", ""),
        (WantsWholeChunks, "crumbs", "garbled"),
        (Swallows, "cancel", "swallowed the cancellation"),
        (NeverNoticesTheEnd, "cut", "open: no end within 20 s"),
        (OpensOnce, "open_close", "life 61: Late worn out"),
        (HidesWhy, "refused_open", "busy: came as late"),
        (TakesAnyone, "wrong_device", "taken for the device"),
        (Spins, "wrong_device", "runs in a circle"),
        (Patient, "prompt", "no end"),
    ],
)
def test_a_fault_is_found(examine: Callable[..., tuple[Result, Ears]], cls: type[Any], check: str, why: str) -> None:
    result, _ = examine(cls, check)
    assert (result.verdict == "failed") == bool(why), result.why
    assert why in "\n".join(result.why)


def test_a_secret_in_a_log_is_heard_and_not_repeated(examine: Callable[..., tuple[Result, Ears]]) -> None:
    result, ears = examine(Chatty, "answers")
    assert result.verdict == "passed"
    assert ears.leaks == {"log chatty"}
    assert "SECRET" not in repr(ears.leaks)


def test_a_verb_nobody_tried_and_one_it_has_not(examine: Callable[..., tuple[Result, Ears]]) -> None:
    class Both(Scanner):
        async def identify(self, seconds: float) -> None: ...

    assert "identify: claimed, but not in the session" in examine(Both, "verbs")[0].why

    class Nothing(Scanner):
        scan: Any = None

    assert any("a code_reader without CodeReader" in why for why in examine(Nothing, "contract")[0].why)


def test_a_tier_is_what_passed() -> None:
    passed = {check: Result(check=check, verdict="passed") for check in CHECKS}
    assert tier_of(passed.values()) == "platinum"
    for number, (tier, checks) in enumerate(TIERS):
        below = TIERS[number - 1][0] if number else "none"
        for check in checks:
            failed = passed | {check: Result(check=check, verdict="failed")}
            assert tier_of(failed.values()) == below, (tier, check)
            del failed[check]
            assert tier_of(failed.values()) == below, (tier, check)
    without_wire = passed | {"cut": Result(check="cut", verdict="not applicable")}
    assert tier_of(without_wire.values()) == "bronze"


def test_nothing_here_claims_gold(tmp_path: Path) -> None:
    with Ears(()) as ears:
        bench = Bench(session=tmp_path / "none.json", peer=lambda: RecordedPeer(WIRE))
        subject = Subject("invented", Scanner, bench, TOLD, {}, ears, tmp_path)
        assert kit.run_check(subject, "field_session").why == ("0 of 1 real devices seen",)


def test_time_jumps_and_a_standstill_is_seen() -> None:
    async def long() -> float:
        begun = asyncio.get_running_loop().time()
        await asyncio.sleep(3600)
        assert await asyncio.to_thread(lambda: 5) == 5
        return asyncio.get_running_loop().time() - begun

    assert run_virtual(long())[0] == pytest.approx(3600)
    with pytest.raises(Stuck, match="never comes"):
        run_virtual(asyncio.Event().wait())


def test_a_recorded_device_answers_what_it_knows() -> None:
    peer = RecordedPeer(WIRE)
    assert list(peer.connected()) == []
    assert b"".join(say.data for say in peer.hear(b"??")) == 2 * _sum(b"Sn1")
    assert list(peer.hear(b"x")) == []
    assert [say.data for say in peer.hear(b"R")] == [_sum(b"SECRET-119999")[:5], _sum(b"SECRET-119999")[5:]]
    framed = RecordedPeer(WIRE, frame_end=b";", otherwise=b"ok")
    assert list(framed.hear(b"new")) == []
    assert list(framed.hear(b";")) == [Say(b"ok")]


def test_spoiled_bytes() -> None:
    def arriving(**trouble: Any) -> tuple[bytes, bool]:
        line = Line(lambda: RecordedPeer(WIRE), Trouble(**trouble))
        return line.spoiled(b"abc")

    assert arriving(cut_at=2) == (b"ab", True)
    assert arriving(cut_at=3) == (b"abc", False)
    assert arriving(spoil_at=1, spoiling="drop") == (b"ac", False)
    assert arriving(spoil_at=1, spoiling="double") == (b"abbc", False)
    assert arriving(spoil_at=1, spoiling="invert") == (bytes((97, 98 ^ 255, 99)), False)
    assert arriving(spoil_at=1, spoiling="flip") == (bytes((97, 98 ^ 2, 99)), False)
