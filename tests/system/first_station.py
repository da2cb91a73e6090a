"""A technician who does what docs/first-station.zh.md says: its commands as they stand there."""

import asyncio
import os
import re
import shlex
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

REPO: Final = Path(__file__).parents[2]
DOCUMENT: Final = REPO / "docs" / "first-station.zh.md"
BIN: Final = Path(sys.executable).parent
_PORTS: Final = ("8600", "8680", "18505", "18910", "18690", "18841")  # as the document and the workbench have them
_END_SECONDS: Final = 8.0


def blocks(document: Path, language: str) -> list[str]:
    """Its fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", document.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def commands(document: Path) -> list[str]:
    return [line for block in blocks(document, "sh") for line in block.splitlines() if line]


def with_sections(site: str, sections: str) -> str:
    """The site file with its top-level sections replaced by those of the same name."""
    for name, text in _sections(sections):
        old = next(old for old_name, old in _sections(site) if old_name == name)
        site = site.replace(old, text)
    return site


def _sections(text: str) -> Iterable[tuple[str, str]]:
    for found in re.finditer(r"^([a-z]+):.*\n(?:[ #].*\n)*", text, re.MULTILINE):
        yield found[1], found[0]


@dataclass
class Technician:
    """`folder`: where he types. The document's ports are others here, because other tests run beside."""

    folder: Path
    ports: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    _sim: str = ""

    def here(self, text: str) -> str:
        return re.sub(r"\b(?:" + "|".join(self.ports) + r")\b", lambda found: self.ports[found[0]], text)

    async def type(self, line: str, more: str = "", stdin: str = "", code: int = 0) -> str:
        """One line of the document. `&` at its end: it keeps running. Returns what it said; its exit code must fit."""
        name, is_setting, value = line.partition("=")
        if is_setting and name.isalpha():
            self._sim = value.strip('"')
            return ""
        words = shlex.split(f"{self.here(line.removesuffix('&')).replace('$sim', self._sim)} {more}")
        program = str(BIN / words[0]) if (BIN / words[0]).exists() and words[0].startswith("hall") else words[0]
        if line.endswith("&"):
            with (self.folder / f"{words[0]}.log").open("wb") as log:
                self.running[words[0]] = await asyncio.create_subprocess_exec(
                    program, *words[1:], cwd=self.folder, env=self._env(), stdout=log, stderr=log
                )
            return ""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            program,
            *words[1:],
            cwd=self.folder,
            env=self._env(),
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await process.communicate(stdin.encode()))[0].decode()
        self.said += [f"$ {line}", said]
        assert process.returncode == code, f"{line}: {said}"
        return said

    def _env(self) -> dict[str, str]:
        return {**os.environ, "LANG": "zh_CN.UTF-8", "LC_ALL": "", "LC_MESSAGES": "", "QT_QPA_PLATFORM": "offscreen"}

    async def end(self) -> None:
        for process in reversed(self.running.values()):
            if process.returncode is None:
                process.terminate()
                try:
                    async with asyncio.timeout(_END_SECONDS):
                        await process.wait()
                except TimeoutError:
                    process.kill()
                    await process.wait()


@asynccontextmanager
async def technician(folder: Path) -> AsyncIterator[Technician]:
    """At `.hall/first` of a copy of the project: its configuration only."""
    desk = folder / "project" / ".hall" / "first"
    desk.mkdir(parents=True)
    made = Technician(desk, dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True)))
    for kind in ("sites", "scenes"):
        shutil.copytree(REPO / "config" / kind, desk.parents[1] / "config" / kind)
    scene = desk / "workbench.yaml"
    scene.write_text(made.here((REPO / "config" / "scenes" / "workbench.yaml").read_text("utf-8")), "utf-8")
    try:
        yield made
    finally:
        await made.end()


def _free_ports(count: int) -> list[str]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [str(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
