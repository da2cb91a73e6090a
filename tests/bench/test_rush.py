"""The rush counts right, and a small one keeps every promise on real programs."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bench import rush
from bench.announced import announced
from bench.desk import Desk
from bench.hall_windows import Press

AT = "2026-11-22T10:00:00.000+08:00"
AT_SECONDS = 1795312800.0


def called(ticket: str, call: int) -> dict[str, Any]:
    return {"kind": "ticket.called", "subject": ticket, "at": AT, "body": {"call": call, "window": "w1"}}


def say(folder: Path, number: int, ticket: str, call: int, repeat: int, after: float) -> None:
    words = folder / f"{number:06d}-x.json"
    words.write_text(json.dumps({"id": f"{ticket}:{call}:zh", "repeat": repeat}), "utf-8")
    sound = words.with_suffix(".wav")
    sound.touch()
    os.utime(sound, (AT_SECONDS + after, AT_SECONDS + after))


def test_a_call_is_spoken_once_silent_with_a_reason_or_found_out(tmp_path: Path) -> None:
    say(tmp_path, 1, "t:1", 1, repeat=2, after=0.5)
    say(tmp_path, 2, "t:1", 2, repeat=1, after=3.0)
    for number in (3, 4):
        say(tmp_path, number, "t:2", 1, repeat=2, after=1.0)
    told = {"call": "1", "ticket": "t:3", "why": "too_old"}
    words = " ".join(f"\x1b[36m{name}\x1b[0m=\x1b[35m{value}\x1b[0m" for name, value in told.items())
    log = f"2026-11-22 10:01:01 [\x1b[32minfo     \x1b[0m] \x1b[1mcall_not_spoken    \x1b[0m {words}\n"
    records = [called("t:1", 1), called("t:1", 2), called("t:2", 1), called("t:3", 1), called("t:3", 2)]
    found = announced(records, [tmp_path], log)
    assert (found.calls, found.spoken, found.said_once) == (5, 2, 1)
    assert found.silent == {"too_old": 1}
    assert (found.doubled, found.unknown) == ([("t:2", 1)], [("t:3", 2)])
    assert found.waited == pytest.approx([0.5, 3.0], abs=0.01)


def test_rows_tell_presses_apart_that_met_another_on_the_line() -> None:
    seen = rush.Seen(start=5.0)
    seen.presses["onbon5k", "call"] = [Press(0.02, 1), Press(0.9, 2)]
    seen.counts.update({"ticket.called": 3, "ticket.issued": 3})
    rows = {row.name: row.value for row in rush.rows(seen)}
    assert rows["rush: call to panel, font card, p99"] == 900.0
    assert rows["rush: call to panel, font card, line free, p99"] == 20.0
    assert rows["rush: calls and ends whose panel was not seen to change"] == 1


async def test_a_small_rush_keeps_every_promise(tmp_path: Path) -> None:
    seen = await rush.rush(Desk(tmp_path, lambda line: None), 0.15, 6, turn=(0.5, 1.0), hall="street")
    assert seen.broken == []
    assert seen.counts["ticket.issued"] == len(seen.taking) == 6
    assert seen.counts["ticket.called"] == seen.calls.calls > 0
    assert seen.calls.spoken + seen.calls.silent.total() == seen.calls.calls
    assert seen.costs["halld"].pss > 0
