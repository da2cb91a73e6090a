"""What keeps one person to one open ticket must not tell, on any later day, that the same person came again."""

import hashlib
import re
from pathlib import Path

import pytest

from edge.journal.keys import KeyRing
from edge.rules.commands import CloseDay, OpenDay
from edge.rules.refusal import Refusal
from tests.edge.engine.conftest import hall, issue, open_hall
from tests.edge.rules.conftest import DAY

NUMBER = "119999199001010012"
NEXT_DAY = "2026-11-24"
KEYS = KeyRing(b"\x07" * 32)
DIGESTS = re.compile(rb"[0-9a-f]{64}")


async def test_a_person_is_known_within_a_day_and_a_stranger_on_the_next(tmp_path: Path) -> None:
    first, second = (KEYS.person_ref(day, NUMBER) for day in (DAY, NEXT_DAY))
    async with hall(tmp_path) as engine:
        await open_hall(engine)
        monday = (await engine.execute(issue(person=first), id="i1", actor="kiosk:k1")).records[0]
        with pytest.raises(Refusal, match="person_has_ticket"):
            await engine.execute(issue(person=first), id="i2", actor="kiosk:k1")
        await engine.execute(CloseDay(), id="close", actor="clerk:c01")
        await engine.execute(OpenDay(date=NEXT_DAY), id="open-2", actor="clerk:c01")
        tuesday = (await engine.execute(issue(person=second), id="i3", actor="kiosk:k1")).records[0]
        assert engine.state.tickets[tuesday.subject].person == second
        assert first not in engine.state.model_dump_json()
    assert first.encode() in monday.raw
    assert second.encode() in tuesday.raw
    assert not set(DIGESTS.findall(monday.raw)) & set(DIGESTS.findall(tuesday.raw))


async def test_the_files_hold_neither_the_number_nor_what_anybody_could_compute_of_it(tmp_path: Path) -> None:
    token = KEYS.person_ref(DAY, NUMBER)
    async with hall(tmp_path) as engine:
        await open_hall(engine)
        await engine.execute(issue(person=token), id="i1", actor="kiosk:k1")
    guesses = [NUMBER, f"{DAY}{NUMBER}", f"{NUMBER}{DAY}"]
    needles = [guess.encode() for guess in guesses]
    needles += [hashlib.sha256(guess.encode()).hexdigest().encode() for guess in guesses]
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert token.encode() in written  # the scan finds what is there
    assert [needle for needle in needles if needle in written] == []
