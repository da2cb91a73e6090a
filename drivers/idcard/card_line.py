"""A card on the conformance kit's line: commands and answers cross it, and no PC/SC service is needed."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final, TypeVar

from drivers.conform.ferry import refuse
from drivers.conform.line import Line
from drivers.conform.peers import Say
from drivers.contract import Context
from drivers.errors import Gone
from drivers.idcard.social import Transmit
from drivers.links.pcsc import PcscLink

Result = TypeVar("Result")
_MOST_SAYS: Final = 64  # of one answer: a flood has no end


class CardLine:
    """The methods of PcscSession. A card lies there as long as the line is whole."""

    reader = "Line 00 00"

    def __init__(self, line: Line) -> None:
        self._line = line
        self._lost = False

    def enter(self) -> str:
        refuse(self._line, self.reader)
        self._line.connections.add(self)
        return self.reader

    def leave(self) -> None:
        self._line.connections.discard(self)

    def wait_for_card(self) -> bool:
        self._must_be_there()
        return True

    card_is_in = wait_for_card

    def with_card(self, work: Callable[[Transmit], Result]) -> Result:
        self._must_be_there()
        return work(self._transmit)

    def lose(self) -> None:
        self._lost = True
        self._line.connections.discard(self)

    def play(self, says: Iterable[Say]) -> None:
        """A card says nothing by itself."""

    def _transmit(self, command: bytes) -> bytes:
        self._must_be_there()
        self._line.writes += 1
        if self._line.writes == self._line.trouble.unplug_at:
            self.lose()
            self._must_be_there()
        answer = b"".join(say.data for say in islice(self._line.peer.hear(command), _MOST_SAYS))
        arriving, cut = self._line.spoiled(answer)
        if cut:
            self.lose()
            self._must_be_there()
        return arriving

    def _must_be_there(self) -> None:
        if self._lost:
            raise Gone(f"{self.reader}: left")


def card_link(ctx: Context, line: Line) -> PcscLink:
    link = PcscLink("pcsc:line", "", 0)
    link.new_session = lambda reader, slot: CardLine(line)
    return link
