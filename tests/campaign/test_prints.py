"""Some hundred troubled prints, and proof that the judge would have seen what must not happen."""

from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.contract import Printed, PrintJob
from drivers.errors import OutcomeUnknown
from drivers.printer.escpos import EscPosPrinter
from drivers.printer.session import Session
from tests.campaign.prints import campaign
from tests.campaign.prints_judge import Piece, Wish, judge

A1 = Piece(("A001",), again=False, whole=True, errors=())
A1_HALF = Piece(("A001",), again=False, whole=False, errors=())
A1_AGAIN = Piece(("A001",), again=True, whole=True, errors=())


@pytest.mark.parametrize("seed", [1, 2])
def test_no_double_ticket_whatever_happens(seed: int, tmp_path: Path) -> None:
    verdict = campaign(100, seed, tmp_path)
    assert verdict["broken"] == []
    assert verdict["tickets"] == 100
    assert all(verdict["first_prints"].get(end, 0) > 2 for end in ("done", "failed", "unknown"))
    assert verdict["reprints"]["done"] > 5


async def _print_again(self: EscPosPrinter, job: PrintJob) -> Printed:
    try:
        return await _real_print(self, job)
    except OutcomeUnknown:
        return await _real_print(self, job.model_copy(update={"id": f"{job.id}:2"}))


async def _believe(self: Session, seconds: float, *, in_doubt: bool = False) -> bool:
    return True


_real_print = EscPosPrinter.print


@pytest.mark.parametrize(
    ("where", "name", "mistake", "complaint"),
    [
        (EscPosPrinter, "print", _print_again, "but 2 whole of"),
        (Session, "all_processed", _believe, "is done, but 0 whole"),
    ],
    ids=["a driver that tries again", "a driver that believes"],
)
def test_a_careless_driver_is_caught(
    where: type, name: str, mistake: Callable[..., object], complaint: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(where, name, mistake)
    broken = campaign(60, 1, tmp_path)["broken"]
    assert any(complaint in line for line in broken)


@pytest.mark.parametrize(
    ("first", "reprints", "fallen"),
    [
        ("done", [], [A1]),
        ("failed", [], []),
        ("unknown", [], []),
        ("unknown", [], [A1]),
        ("unknown", ["done"], [A1_HALF, A1_AGAIN]),
        ("unknown", ["unknown", "done"], [A1, A1_AGAIN, A1_AGAIN]),
    ],
)
def test_promises_kept(first: str, reprints: list[str], fallen: list[Piece]) -> None:
    assert judge([Wish("A001", first, reprints)], fallen) == []


@pytest.mark.parametrize(
    ("first", "reprints", "fallen"),
    [
        ("done", [], []),
        ("done", [], [A1, A1]),
        ("done", [], [A1_HALF, A1]),
        ("failed", [], [A1]),
        ("failed", [], [A1_HALF]),
        ("unknown", [], [A1, A1]),
        ("done", [], [A1, A1_AGAIN]),
        ("unknown", ["done"], [A1, A1]),
        ("unknown", ["done"], [A1_AGAIN, A1_AGAIN]),
        ("done", [], [A1, Piece(("A001", "A002"), again=False, whole=True, errors=())]),
        ("done", [], [Piece(("A001",), again=False, whole=True, errors=("undefined command 1b 58",))]),
        ("done", [], [A1, Piece(("A002",), again=False, whole=True, errors=())]),
    ],
)
def test_promises_broken(first: str, reprints: list[str], fallen: list[Piece]) -> None:
    assert judge([Wish("A001", first, reprints)], fallen)
