"""A short storm over real processes and a real broker, and proof that the checker would have seen each mistake."""

import asyncio
import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.campaign.link import checker
from tests.campaign.link.storm import Storm, plan_of, with_mistake

SITE = "LH-0042"
EPOCH = "9f3c5a7e11d20b64"
PLAN = ["kill-station", "twice", "kill-centre", "wipe-broker", "tear", "garbage", "clock"]


@pytest.mark.broker
@pytest.mark.kill
@pytest.mark.timeout(300)
def test_nothing_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    found = asyncio.run(Storm(tmp_path, PLAN, 1, drain=90.0).run())
    assert found["broken"] == []
    assert sum(found["faults"].values()) == len(PLAN)
    assert found["told"] > 10
    assert found["starts"]["desk"] > 1
    assert found["starts"]["centre"] > 1


@pytest.mark.broker
@pytest.mark.kill
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("mistake", "complaints"),
    [
        # Whoever asked once more, in the next life, got another record or number.
        ("journal-acknowledges-before-commit", ("is 0 times at the centre", "in two ways", "was given 2 times")),
        ("centre-without-dedupe", ("count twice",)),
    ],
    ids=["journal-acknowledges-before-commit", "centre-without-dedupe"],
)
def test_a_mistake_is_noticed(mistake: str, complaints: tuple[str, ...], tmp_path: Path) -> None:
    found = with_mistake(mistake, tmp_path, 1)
    assert any(complaint in line for complaint in complaints for line in found), found


def test_the_same_seed_plans_the_same_faults() -> None:
    plan = plan_of(200, 7)
    assert plan == plan_of(200, 7) != plan_of(200, 8)
    counts = {name: plan.count(name) for name in ("kill-station", "kill-unheard", "kill-centre", "wipe-broker")}
    assert counts == {"kill-station": 160, "kill-unheard": 40, "kill-centre": 100, "wipe-broker": 100}


class Ends:
    """A station and a centre that hold the same three records, and what users were told of them."""

    def __init__(self, folder: Path) -> None:
        self.station, self.centre, self.files = folder / "journal.db", folder / "centre.db", folder / "files"
        self.file = b"sealed"
        self.h = hashlib.sha256(self.file).hexdigest()
        self.rows: list[dict[str, Any]] = []
        for seq, (kind, body) in enumerate(
            [("epoch.opened", {}), ("ticket.issued", {"number": "A0001"}), ("page.captured", {"h": self.h})], 1
        ):
            self.add(seq=seq, kind=kind, body=body, cmd=f"c:0:{seq}")
        self.told = [
            {"cmd": row["cmd"], "births": [[EPOCH, row["seq"], row["hash"]]], "more": row["body"], "do": "x", "desk": 0}
            for row in self.rows[1:]
        ]
        path = self.files / SITE / self.h[:2] / self.h
        path.parent.mkdir(parents=True)
        path.write_bytes(self.file)

    def add(self, **members: Any) -> None:
        prev = self.rows[-1]["hash"] if self.rows else checker.ZERO
        data = {"epoch": EPOCH, "alg": "sha256", "prev": prev, **members}
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        self.rows.append({**data, "hash": hashlib.sha256(text).hexdigest()})

    def judged(self, station: list[dict[str, Any]], centre: list[dict[str, Any]], held: str = "") -> list[str]:
        for path, rows in ((self.station, station), (self.centre, centre)):
            path.unlink(missing_ok=True)
            db = sqlite3.connect(path)
            db.execute("CREATE TABLE records(id INTEGER PRIMARY KEY, pos INTEGER, first INTEGER DEFAULT 1, raw BLOB)")
            db.execute("CREATE TABLE quarantine(birth TEXT)")
            db.executemany(
                "INSERT INTO records(pos, raw) VALUES(?, ?)",
                [(n, json.dumps(row).encode()) for n, row in enumerate(rows)],
            )
            db.executemany("INSERT INTO quarantine VALUES(?)", [(held,)] if held and path == self.centre else [])
            db.commit()
            db.close()
        return checker.judge(self.told, self.station, self.centre, self.files, SITE)


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    return Ends(tmp_path)


def test_equal_ends_keep_every_promise(ends: Ends) -> None:
    assert ends.judged(ends.rows, ends.rows) == []


def test_each_broken_promise_is_named(ends: Ends) -> None:
    def complains(words: str, found: list[str]) -> bool:
        return any(words in line for line in found)

    rows = ends.rows
    assert complains("is 0 times at the centre", ends.judged(rows, rows[:2]))
    assert complains("the centre has not", ends.judged(rows, rows[:2]))
    assert complains("the station has not", ends.judged(rows[:2], rows))
    assert complains("count twice", ends.judged(rows, [*rows, rows[2]]))
    assert complains("follows 1, or another chain", ends.judged(rows, [rows[0], rows[2], rows[1]]))
    assert complains("has another hash", ends.judged(rows, [*rows[:2], {**rows[2], "body": {}}]))
    assert complains("other bytes", ends.judged(rows, [*rows[:2], {**rows[2], "body": {}}]))
    assert complains("good records are held", ends.judged(rows, rows, held=f"{EPOCH}:3:{rows[2]['hash']}"))
    ends.add(seq=4, kind="ticket.issued", body={"number": "A0002"}, cmd="c:0:3")
    assert complains("c:0:3 is there 2 times", ends.judged(ends.rows, ends.rows))


def test_numbers_files_and_answers_are_looked_at(ends: Ends) -> None:
    path = ends.files / SITE / ends.h[:2] / ends.h
    path.write_bytes(b"rotten")
    assert any("is not whole" in line for line in ends.judged(ends.rows, ends.rows))
    ends.told.append({**ends.told[0], "cmd": "c:0:9"})
    assert any("A0001 was given 2 times" in line for line in ends.judged(ends.rows, ends.rows))
    ends.told.append({**ends.told[0], "births": []})
    assert any("answered in two ways" in line for line in ends.judged(ends.rows, ends.rows))
    ends.told.append({**ends.told[0], "cmd": "c:0:10", "do": "poison"})
    assert any("unknown ones are not" in line for line in ends.judged(ends.rows, ends.rows))
