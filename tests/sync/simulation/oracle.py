"""What must hold, judged from the disks and from what passes, never from what the two ends say of themselves."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw
import orjson
import zstandard

from edge.journal import schema
from edge.journal.file_folder import FOLDER
from edge.journal.verify import verify
from sync.centre import database
from sync.centre.files import path_of
from sync.centre.report import report
from sync.centre.store import birth_text, files_of
from sync.protocol import record
from sync.protocol.epochs import OPENED
from sync.wire import Letter
from tests.edge.journal.material import SITE
from tests.sync.simulation.centre import POISON

if TYPE_CHECKING:
    from tests.sync.simulation.run import Run

_MARKS = "SELECT r.hash FROM records r WHERE r.site = ? AND r.epoch = ? AND r.seq = ?"


class Oracle:
    """`owed`: births that must be at the centre in the end. A restore lets go only of what neither disk still has."""

    def __init__(self, run: "Run") -> None:
        self.owed: set[str] = set()
        self.marks_seen = self.cids_seen = self.groups_seen = 0
        self._run = run
        self._reading: apsw.Connection | None = None
        self._cid: dict[str, str] = {}
        self.faults: list[str] = []

    def broken(self, what: str) -> None:
        self.faults.append(what)
        self._run.trace("broken", what)

    # while it runs ---------------------------------------------------------------------------------------------------

    def promised(self, made: Sequence[record.Record]) -> None:
        """A caller was told that these are stored."""
        self.owed |= {birth_text(one.birth) for one in made}

    def restored(self) -> None:
        held: set[str] = set().union(*(births_of(station.disk.path) for station in self._run.stations))
        self.owed &= held | delivered(self._run.centre.db)

    def centre_started(self, db: Path) -> None:
        self.close()
        self._reading = database.open_for_reading(db)
        self._cid.clear()

    def close(self) -> None:
        if self._reading is not None:
            self._reading.close()
            self._reading = None

    def watch(self, letters: Sequence[Letter], handle: Callable[[Sequence[Letter]], list[Letter]]) -> list[Letter]:
        """The centre takes `letters` and answers: another cid changes nothing, and no mark is ahead of the disk."""
        said = [_told(letter) for letter in letters]
        hellos = [one["cid"] for one in said if one.get("m") == "hello"]
        known = {self._cid.get(SITE), *hellos}
        foreign = [one for one in said if one.get("m") == "batch" and one.get("cid") not in known]
        before = self._total()
        answers = handle(letters)
        heard = [_told(one) for one in answers]
        for cid in hellos:
            if any(one.get("cid") == cid for one in heard):
                self._cid[SITE] = cid
        self.cids_seen += len(foreign)
        if any(one.get("why") != "hello" for one in heard if one.get("cid") in {one["cid"] for one in foreign}):
            self.broken("a batch under another cid was not answered by NACK hello alone")
        if foreign and len(foreign) == len(said) and self._total() != before:
            self.broken("a batch under another cid was taken")
        self.groups_seen += len(letters) > 1
        for letter, told in zip(answers, heard, strict=True):
            self._run.trace("said", told.get("m", "chunk"), len(letter.payload))
            self._check_mark(told)
        return answers

    def _check_mark(self, told: dict[str, Any]) -> None:
        if told.get("m") not in ("ack", "welcome", "nack") or not told.get("upto") or self._reading is None:
            return
        self.marks_seen += 1
        row = self._reading.execute(_MARKS, (SITE, told["epoch"], told["upto"])).fetchone()
        if row is None or row[0] != told["chain"]:
            self.broken(f"{told['m']} says {told['upto']}, which is not committed")

    def _total(self) -> int:
        return 0 if self._reading is None else int(self._reading.execute("SELECT count(*) FROM records").get)

    # in the end ------------------------------------------------------------------------------------------------------

    def judge(self) -> None:
        centre, stations = self._run.centre, self._run.stations
        self.restored_nothing_lost(delivered(centre.db))
        found = report(centre.db, SITE)
        for name in ("missing", "duplicates", "broken"):
            if getattr(found, name):
                self.broken(f"{getattr(found, name)} {name} at the centre")
        self._judge_order(centre.db)
        for station in stations:
            if not verify(station.disk.path / schema.FILE).good:
                self.broken(f"the chain of {station.name} does not verify")
            self._judge_files(station.disk.path, centre.db)
        held = len(_births_of_kind(centre.db, POISON)) if centre.poison else 0
        if found.held != held:
            self.broken(f"{found.held} held, {held} should be")
        last = stations[0]
        missing = delivered(centre.db) - births_of(last.disk.path)
        if missing and len(stations) == 1:
            self.broken(f"{len(missing)} records of the centre are not at the station")

    def restored_nothing_lost(self, there: set[str]) -> None:
        lost = self.owed - there
        if lost:
            self.broken(f"{len(lost)} acknowledged records lost, such as {min(lost)}")

    def _judge_order(self, db: Path) -> None:
        reading = database.open_for_reading(db)
        rows = reading.execute(
            "SELECT e.met, r.seq, r.birth, r.first FROM records r JOIN epochs e USING(site, epoch) ORDER BY r.id"
        ).fetchall()
        reading.close()
        places = [(met, seq) for met, seq, _, _ in rows]
        if places != sorted(places) or len(places) != len(set(places)):
            self.broken("records are not in the order of epoch and seq")
        effects = [birth for _, _, birth, first in rows if first]
        if len(effects) != len(set(effects)):
            self.broken("a birth had its effect twice")
        if {birth for _, _, birth, _ in rows} != set(effects):
            self.broken("a birth had no effect")

    def _judge_files(self, site_folder: Path, db: Path) -> None:
        for name in files_not_there(site_folder, db):
            self.broken(f"file {name[:8]} is not at the centre, or not the same")


def files_not_there(site_folder: Path, db: Path) -> list[str]:
    """Files that records of the site name and its disk has, and the centre's has not, or not the same."""
    named = {str(one.body["h"]) for one in _records(site_folder) if one.kind == "page.captured"}
    paths = [path for path in sorted((site_folder / FOLDER).glob("??/*")) if path.name in named]
    copies = [(path, path_of(files_of(db), SITE, path.name)) for path in paths]
    return [path.name for path, copy in copies if not (copy.is_file() and copy.read_bytes() == path.read_bytes())]


def _told(letter: Letter) -> dict[str, Any]:
    if letter.topic.endswith("/f"):
        return {}
    payload = letter.payload
    if payload.startswith(b"\x28\xb5\x2f\xfd"):
        payload = zstandard.ZstdDecompressor().decompress(payload)
    found: dict[str, Any] = orjson.loads(payload)
    return found


def _records(site_folder: Path) -> Iterable[record.Record]:
    reading = apsw.Connection(str(site_folder / schema.FILE), flags=apsw.SQLITE_OPEN_READONLY)
    rows = reading.execute("SELECT raw FROM records ORDER BY pos").fetchall()
    reading.close()
    for (raw,) in rows:
        yield record.Record(orjson.loads(raw), raw)


def births_of(site_folder: Path) -> set[str]:
    """Of all epochs on the disk of a station; what opens an epoch is nobody's fact."""
    return {birth_text(one.birth) for one in _records(site_folder) if one.kind != OPENED}


def delivered(db: Path) -> set[str]:
    return _births_of_kind(db, None)


def _births_of_kind(db: Path, kind: str | None) -> set[str]:
    if not db.exists():
        return set()
    reading = database.open_for_reading(db)
    rows = reading.execute(
        "SELECT DISTINCT birth FROM records WHERE kind <> ? AND (?2 IS NULL OR kind = ?2)", (OPENED, kind)
    ).fetchall()
    reading.close()
    return {birth for (birth,) in rows}
