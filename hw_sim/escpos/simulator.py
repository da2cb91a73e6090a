"""The printer on TCP 9100: answers about itself at once, prints when it can, keeps what it cannot print yet."""

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from hw_sim.clock import Clock
from hw_sim.escpos.commands import Command, CommandParser, Item, RealtimeScanner
from hw_sim.escpos.head import Head
from hw_sim.escpos.letters import Charset
from hw_sim.escpos.status import PAPERS, State
from hw_sim.escpos.tray import Tray
from hw_sim.faults import WIRE_FAULTS, Fault, FaultBox, FaultWord
from hw_sim.wired import WiredDevice
from hw_sim.wires import Wire

_CUTS = {0: "full", 48: "full", 65: "full", 1: "partial", 49: "partial", 66: "partial"}
_STATE_FAULTS = {FaultWord.PAPER_OUT, FaultWord.PAPER_LOW, FaultWord.COVER_OPEN, FaultWord.CUTTER_JAM}
DOTS_A_MILLIMETRE = 8
CLEARED = b"\x37\x25\x00"  # its answer to DLE DC4 8


class EscPosSimulator(WiredDevice):
    """`speed`: millimetres of paper a second, None at once. `keeps_buffer`: a print server in front of it keeps
    an unprinted job over a power cut and prints it afterwards; without it the cut loses the job's rest, and the
    half already on paper hangs there before the next ticket. `clears`: it knows DLE DC4 8."""

    kind = "escpos"
    troubles = WIRE_FAULTS | _STATE_FAULTS | {FaultWord.POWER_CUT}

    def __init__(
        self,
        id: str,
        wire: Wire,
        faults: FaultBox,
        clock: Clock,
        random: Random,
        *,
        folder: Path,
        width: int = 576,
        charset: Charset = "gbk",
        chinese_at_start: bool = True,
        speed: float | None = None,
        keeps_buffer: bool = False,
        clears: bool = False,
    ) -> None:
        super().__init__(id, wire, faults, clock, random)
        self.state = State()
        self.tray = Tray(folder)
        self.charset = charset
        self._head = Head(width, charset, chinese_at_start=chinese_at_start)
        self._parser = CommandParser()
        self._scanner = RealtimeScanner()
        self._waiting: deque[Item] = deque()
        self._wake = asyncio.Event()
        self._speed = speed
        self._keeps_buffer = keeps_buffer
        self._clears = clears
        self._asb = 0
        self._beeps = 0
        self._drawer = 0
        self._bytes = 0
        self._errors: list[str] = []
        self._last_ticket: dict[str, Any] | None = None
        self._told: dict[int, tuple[bool | str, ...]] = self.state.asb_groups()

    async def start(self) -> None:
        await super().start()
        self._chores.spawn(self._print())

    def actions(self) -> dict[str, Callable[..., None]]:
        return {
            **super().actions(),
            "paper": self.paper,
            "open_cover": lambda: self._turn(cover_open=True),
            "close_cover": lambda: self._turn(cover_open=False),
            "jam_cutter": lambda: self._turn(cutter_jam=True),
            "free_cutter": lambda: self._turn(cutter_jam=False),
            "online": self.online,
        }

    def paper(self, state: str) -> None:
        """ValueError: not ok, near or out."""
        for paper in PAPERS:
            if paper == state:
                self._turn(paper=paper)
                return
        raise ValueError(f"{self.id}: paper is ok, near or out, not {state!r}")

    def online(self, on: bool) -> None:
        self._turn(switched_off=not on)

    def heard(self, data: bytes) -> None:
        rest = self._scanner.after_clear(data) if self._clears else None
        for which in self._scanner.feed(data):
            self._tell(self.state.realtime(which))
        if rest is not None:
            self._waiting.clear()
            self._parser.forget()
            self._head.lose_power()  # what is on paper stays
            self._tell(CLEARED)
            data = rest
        self._bytes += len(data)
        self._waiting.extend(self._parser.feed(data))
        self._wake.set()
        self.changed.tell()

    def left(self) -> None:
        self._scanner.forget()
        self._asb = 0
        super().left()

    def forget(self) -> None:
        self._parser.forget()
        self._scanner.forget()
        self._asb = 0
        if not self._keeps_buffer:
            self._waiting.clear()
        self._head.lose_power()

    def power(self, on: bool) -> None:
        super().power(on)
        self._wake.set()

    def look(self) -> dict[str, Any]:
        state = self.state
        return {
            "paper": state.paper,
            "cover_open": state.cover_open,
            "cutter_jam": state.cutter_jam,
            "online": not state.offline,
            "charset": self.charset,
            "printed": self.tray.count,
            "waiting": len(self._waiting),
            "half_a_ticket": not self._head.strip.empty,
            "beeps": self._beeps,
            "drawer": self._drawer,
            "last_ticket": self._last_ticket,
            "errors": list(self._errors),
        }

    def picture(self) -> bytes | None:
        return self.tray.last

    def _tell(self, status: bytes) -> None:
        if status and self.powered:
            self.wire.say(status)

    def _turn(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.state, name, value)
        self._report()
        self._wake.set()
        self.changed.tell()

    def _report(self) -> None:
        """Automatic status, if a group that was asked for has changed."""
        groups = self.state.asb_groups()
        moved = any(self._asb & bit and groups[bit] != self._told[bit] for bit in groups)
        self._told = groups
        if moved:
            self._tell(self.state.automatic())

    async def _print(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting and self.powered and not self.state.offline:
                before = self._head.strip.used
                self._carry_out(self._waiting.popleft())
                if self._speed is not None:
                    paper = max(0, self._head.strip.used - before)
                    await self.clock.sleep(paper / DOTS_A_MILLIMETRE / self._speed)
            self.changed.tell()

    def _carry_out(self, item: Item) -> None:
        command = self._head.run(item)
        if command is None:
            return
        match command.name:
            case "GS V" | "ESC i" | "ESC m":
                self._cut(command)
            case "ESC B":
                self._beeps += command.data[0]
            case "ESC p":
                self._drawer += 1
            case "GS r":
                self._sensor(command.data[0])
            case "DLE DC4" if not self._clears:
                self._head.errors.append(f"undefined command 10 14 {command.data.hex(' ')}")
            case "GS a":
                self._asb = command.data[0]
                self._told = self.state.asb_groups()
                if self._asb:
                    self._tell(self.state.automatic())

    def _sensor(self, which: int) -> None:
        if which in (1, 49):
            self._tell(self.state.paper_sensor())
        elif which in (2, 50):
            self._tell(b"\0")
        else:
            self._head.errors.append(f"undefined value of GS r: {which:02x}")

    def _cut(self, command: Command) -> None:
        kind = {"ESC i": "full", "ESC m": "partial"}.get(command.name) or _CUTS.get(command.data[0])
        if kind is None:
            self._head.errors.append(f"undefined value of GS V: {command.data.hex(' ')}")
            return
        if FaultWord.CUTTER_JAM in self.faults and not self.state.cutter_jam:
            self._turn(cutter_jam=True)
        if self.state.cutter_jam:
            self._waiting.appendleft(command)  # cut when somebody has freed the knife
            return
        self._head.strip.finish_line()
        if len(command.data) == 2:
            self._head.strip.feed(command.data[1])
        if self._head.strip.empty and not self._head.errors:
            return  # a cut of nothing drops nothing
        strip, errors = self._head.tear()
        words = {"printer": self.id, "width": strip.width, "cut": kind, "lines": strip.lines}
        whole = self.tray.drop(strip.png(), words | {"flags": strip.flags, "errors": errors})
        texts = [line["text"] for line in strip.lines if line["kind"] == "text"]
        self._last_ticket = whole | {"lines": texts, "bytes": self._bytes}
        self._errors += errors
        self._bytes = 0
        self.changed.tell()

    def _fault_came(self, fault: Fault) -> None:
        super()._fault_came(fault)
        self._suffer(fault.word)

    def _fault_went(self, fault: Fault) -> None:
        super()._fault_went(fault)
        self._suffer(fault.word)

    def _suffer(self, word: FaultWord) -> None:
        """Sets the state that this fault stands for, as all faults of now together have it."""
        match word:
            case FaultWord.PAPER_OUT | FaultWord.PAPER_LOW:
                low = "near" if FaultWord.PAPER_LOW in self.faults else "ok"
                self._turn(paper="out" if FaultWord.PAPER_OUT in self.faults else low)
            case FaultWord.COVER_OPEN:
                self._turn(cover_open=word in self.faults)
            case FaultWord.CUTTER_JAM if word not in self.faults:
                self._turn(cutter_jam=False)
