"""Every key of both dialects, from the bytes on the line to the record it leaves, and what the keypad shows then."""

import pytest

from drivers.contract import KeypadLine
from drivers.hall485.keys import press_of
from edge.reactions.views.keypads import line
from tests.edge.reactions import virtual
from tests.edge.reactions.rig import rig

A_NEXT, A_HOLD, A_BACK, A_RESUME = "0c", "00 0f", "13", "03 0f"
A_FINISH, A_MISS, A_PAUSE, CANCEL = "0b", "06 0f", "12", "0e"


class Keys:
    """Somebody at keypad-1, whose window is w1."""

    def __init__(self, it, dialect):
        self.it, self.dialect, self.n = it, dialect, 0

    async def press(self, hexed):
        """The kinds of the records it made."""
        before = len(self.it.journal.committed)
        press = press_of(self.dialect, bytes.fromhex(hexed))
        self.n += 1
        await self.it.event("keypad-1", "key", self.n, key=press.key, digits=press.digits)
        return [record.kind for record in self.it.journal.committed[before:]]

    def beeps(self):
        return sum(1 for _, verb, _, _ in self.it.devices.calls if verb == "beep")

    def shows(self):
        return line(self.it.state, "w1")

    def last(self):
        return self.it.journal.committed[-1]


# What was pressed before, the key, and the kinds it leaves.
TABLE = [
    ("a", [], A_NEXT, ["ticket.called"]),
    ("a", [A_NEXT], "0d", ["ticket.called"]),
    ("a", [A_NEXT], A_MISS, ["ticket.missed"]),
    ("a", [A_NEXT], CANCEL, ["ticket.uncalled"]),
    ("a", [A_NEXT], A_BACK, ["ticket.returned"]),
    ("a", [A_NEXT], "02 13", ["ticket.transferred"]),
    ("a", [A_NEXT], A_FINISH, ["service.started", "service.finished", "rating.asked"]),
    ("a", [], A_PAUSE, ["window.paused"]),
    ("a", [A_PAUSE], A_PAUSE, ["window.resumed"]),
    ("a", [A_PAUSE], A_NEXT, ["window.resumed", "ticket.called"]),
    ("b", [], "0c", ["ticket.called"]),
    ("b", [], "02 0c", ["ticket.called"]),
    ("b", ["0c"], "05 0f", ["ticket.missed"]),
    ("b", ["0c"], CANCEL, ["ticket.uncalled"]),
    ("b", ["0c"], "02 0a", ["ticket.transferred"]),
    ("b", ["0c"], "00 02 0a", ["ticket.transferred"]),
    ("b", ["0c"], "00 0a", ["ticket.returned"]),
    ("b", [], "00 0f", ["window.paused"]),
    ("b", [], "00 01 0f", ["clerk.signed_in"]),
    ("b", ["00 01 0f"], "04 0f", ["clerk.signed_out"]),
]


@pytest.mark.parametrize(("dialect", "before", "key", "kinds"), TABLE)
def test_each_key_of_each_dialect(dialect, before, key, kinds):
    async def main():
        async with rig() as it:
            await it.issue()
            await it.issue()
            keys = Keys(it, dialect)
            for earlier in before:
                await keys.press(earlier)
                await virtual.asyncio.sleep(1.5)  # the same key again is a press of its own
            assert await keys.press(key) == kinds
            assert keys.beeps() == 0

    virtual.run(main())


def test_put_aside_and_brought_back_the_last_one_first():
    async def main():
        async with rig() as it:
            for _ in range(3):
                await it.issue()
            keys = Keys(it, "a")
            for _ in range(2):
                await keys.press(A_NEXT)
                await it.event("keypad-1", "key", 50 + keys.n, key="start", digits="")
                assert await keys.press(A_HOLD) == ["ticket.held"]
            assert keys.shows() == KeypadLine(waiting=1)
            assert await keys.press(A_RESUME) == ["ticket.resumed"]
            assert keys.shows() == KeypadLine(ticket="002")
            await keys.press(A_FINISH)
            await keys.press(A_RESUME)
            assert keys.shows() == KeypadLine(ticket="001")
            await keys.press(A_FINISH)
            assert keys.beeps() == 0
            assert await keys.press(A_RESUME) == []
            assert keys.beeps() == 1

    virtual.run(main())


def test_a_number_is_called_with_a_reason_and_shown():
    async def main():
        async with rig() as it:
            for _ in range(3):
                await it.issue()
            keys = Keys(it, "b")
            await keys.press("03 0c")
            assert keys.last().body["why"] == "out_of_turn"
            assert keys.last().body["reason"] == "asked_back"
            assert keys.last().body["ahead"] == 2
            assert keys.shows() == KeypadLine(ticket="003")

    virtual.run(main())


def test_digits_send_to_a_window_or_with_a_leading_nought_to_a_service():
    async def main():
        async with rig() as it:
            for _ in range(2):
                await it.issue()
            keys = Keys(it, "b")
            await keys.press("0c")
            await keys.press("02 0a")
            assert (keys.last().body["to"], keys.last().body["reason"]) == ("w2", "needs_other_window")
            assert keys.shows() == KeypadLine(waiting=1)  # the other one is for window 2 alone
            await keys.press("0c")
            await keys.press("00 02 0a")
            assert (keys.last().body["to"], keys.last().body["service"]) == ("", it.site.services[1].id)

    virtual.run(main())


@pytest.mark.parametrize(
    ("dialect", "key"),
    [("a", A_HOLD), ("a", A_RESUME), ("a", CANCEL), ("a", A_BACK), ("b", "09 0c"), ("b", "09 09 0f"), ("b", "05 0f")],
)
def test_what_is_refused_or_means_nothing_beeps_and_changes_nothing(dialect, key):
    async def main():
        async with rig() as it:
            await it.issue()
            keys = Keys(it, dialect)
            shown = keys.shows()
            assert await keys.press(key) == []
            assert keys.beeps() == 1
            assert keys.shows() == shown

    virtual.run(main())


def test_undo_comes_too_late_after_ten_seconds():
    async def main():
        async with rig() as it:
            await it.issue()
            keys = Keys(it, "a")
            await keys.press(A_NEXT)
            await virtual.asyncio.sleep(11)
            assert await keys.press(CANCEL) == []
            assert keys.beeps() == 1
            assert keys.shows() == KeypadLine(ticket="001")

    virtual.run(main())
