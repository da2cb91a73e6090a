"""A PC/SC reader as pcscd sees it: the card's end of vsmartcard's vpcd (idcard.md 8.5).

vpcd listens; connecting to it is a card put in, closing is a card taken out.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from hw_sim.clock import Clock
from hw_sim.device import Device
from hw_sim.faults import Fault, FaultWord
from hw_sim.pcsc.cards import ChipCard
from hw_sim.pcsc.chip import Chip

HOST = "127.0.0.1"
PORT = 35963
DEFAULT_HANG = 5.0
_POWER_OFF, _POWER_ON, _RESET, _ATR = 0, 1, 2, 4
# A hand is slower than pcscd, which looks every 0.4 s: a card swapped between two looks would never be noticed
# (pcscd 1.9.9 knows from a failed command that the first is gone, and waits for ever for a second to come).
SWAP_SECONDS = 0.6


class PcscReader(Device):
    """Actions: `insert` card=…, `remove`. Faults: silent (a mute card: no ATR, no answer), hang (each answer after

    `amount` seconds), slow (`amount` seconds a byte), drop (pulled in the middle of a command), short (half an answer),
    nak (status words `amount`), unplug (no card can be put in).
    """

    kind = "pcsc"
    troubles = frozenset(
        {
            FaultWord.SILENT,
            FaultWord.HANG,
            FaultWord.SLOW,
            FaultWord.DROP,
            FaultWord.SHORT,
            FaultWord.NAK,
            FaultWord.UNPLUG,
            FaultWord.POWER_CUT,
        }
    )

    def __init__(
        self,
        id: str,
        clock: Clock,
        random: Random,
        *,
        cards: Mapping[str, ChipCard],
        port: int = PORT,
        reader: str = "Virtual PCD 00 00",
    ) -> None:
        super().__init__(id, clock, random)
        self._chips = {name: Chip(card) for name, card in cards.items()}
        self._port = port
        self._reader = reader
        self._chip: Chip | None = None
        self._lying: asyncio.Task[None] | None = None
        self._powered_up = self._connected = False
        self._commands = 0
        self._empty_since = clock.now() - SWAP_SECONDS

    @property
    def link(self) -> str:
        return f"pcsc:{self._reader}"

    def actions(self) -> dict[str, Callable[..., None]]:
        return {**super().actions(), "insert": self.insert, "remove": self.remove}

    def insert(self, card: str) -> None:
        """ValueError: the scene has no such card. A card that is in there is taken out first."""
        if card not in self._chips:
            raise ValueError(f"{self.id}: no card {card!r} in the scene; there are: {', '.join(self._chips)}")
        self._take_out()
        self._chip = self._chips[card]
        self._put_in()

    def remove(self) -> None:
        self._take_out()
        self._chip = None
        self.changed.tell()

    def plug(self) -> None:
        super().plug()
        self._put_in()

    def unplug(self) -> None:
        super().unplug()
        self._take_out()

    def power(self, on: bool) -> None:
        super().power(on)
        self._put_in() if on else self._take_out()

    def look(self) -> dict[str, Any]:
        return {
            "card": self._chip.card.id if self._chip else None,
            "cards": sorted(self._chips),
            "connected": self._connected,
            "card_powered": self._powered_up,
            "commands": self._commands,
            "pin_tries": self._chip.pin_tries if self._chip else None,
        }

    def set_fault(self, fault: Fault) -> None:
        if fault.word is FaultWord.NAK and not 0 < fault.amount <= 0xFFFF:
            raise ValueError(f"{self.id}: nak amount is two status bytes as one number, not {fault.amount}")
        super().set_fault(fault)

    def _put_in(self) -> None:
        if self._chip and self._lying is None and self.plugged and self.powered:
            self._chip.reset()
            self._lying = self._chores.spawn(self._lie(self._chip))

    def _take_out(self) -> None:
        if self._lying is not None:
            self._lying.cancel()
            self._lying = None
            self._empty_since = self.clock.now()
        self._connected = self._powered_up = False

    async def _lie(self, chip: Chip) -> None:
        """In the reader until taken out; a pcscd that is not there yet, or no longer, is waited for."""
        loop = asyncio.get_running_loop()
        while True:
            await self.clock.sleep(self._empty_since + SWAP_SECONDS - self.clock.now())
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as line:
                line.setblocking(False)
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    await loop.sock_connect(line, (HOST, self._port))
                    self._tell_connected(True)
                    pulled = await self._serve(line, chip)
                except OSError:
                    pulled = False
            self._tell_connected(False)
            self._empty_since = self.clock.now()
            if pulled:
                self._lying, self._chip = None, None
                self.changed.tell()
                return

    async def _serve(self, line: socket.socket, chip: Chip) -> bool:
        """True: the card was pulled out in the middle of a command; False: vpcd ended the connection."""
        loop = asyncio.get_running_loop()
        while True:
            head = await _exactly(line, 2)
            asked = await _exactly(line, int.from_bytes(head, "big")) if head else b""
            if not asked:
                return False
            if len(asked) == 1 and asked[0] in (_POWER_OFF, _POWER_ON, _RESET):
                self._powered_up = asked[0] != _POWER_OFF
                chip.reset()
                self.changed.tell()
                continue
            if self.faults.strike(FaultWord.SILENT):
                answer: bytes | None = b"" if asked == bytes([_ATR]) else None
            elif asked == bytes([_ATR]):
                answer = chip.card.atr
            else:
                answer = await self._command(chip, asked)
                if answer is None:
                    return True
            if answer is not None:
                await self._say(loop, line, answer)

    async def _command(self, chip: Chip, apdu: bytes) -> bytes | None:
        """None: pulled out."""
        self._commands += 1
        strike = self.faults.strike
        if hang := strike(FaultWord.HANG):
            await self.clock.sleep(hang.amount or DEFAULT_HANG)
        if strike(FaultWord.DROP):
            return None
        if nak := strike(FaultWord.NAK):
            return int(nak.amount).to_bytes(2, "big")
        answer = chip.command(apdu)
        self.changed.tell()
        return answer[: len(answer) // 2] if strike(FaultWord.SHORT) else answer

    async def _say(self, loop: asyncio.AbstractEventLoop, line: socket.socket, answer: bytes) -> None:
        said = len(answer).to_bytes(2, "big") + answer
        slow = self.faults.strike(FaultWord.SLOW)
        if slow is None:
            await loop.sock_sendall(line, said)
            return
        for byte in said:
            await loop.sock_sendall(line, bytes([byte]))
            await self.clock.sleep(slow.amount or 0.2)

    def _tell_connected(self, connected: bool) -> None:
        if self._connected != connected:
            self._connected = connected
            self._powered_up = self._powered_up and connected
            self.changed.tell()


async def _exactly(line: socket.socket, count: int) -> bytes:
    """b"" when the other side closed. Quick acknowledgement, or each command takes 44 ms (environment.md section 4)."""
    loop, got = asyncio.get_running_loop(), bytearray()
    while len(got) < count:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = await loop.sock_recv(line, count - len(got))
        if not piece:
            return b""
        got += piece
    return bytes(got)
