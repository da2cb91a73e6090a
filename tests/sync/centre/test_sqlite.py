"""The centre's SQLite file."""

import apsw
import pytest

from sync.centre import database
from sync.centre.store import Admitted, open_store
from sync.protocol.canonical import encode
from sync.protocol.record import parse
from tests.sync.centre.test_centre import data
from tests.sync.memory_journal import SITE, MemoryJournal


def test_a_foreign_file_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with apsw.Connection(str(path)) as other:
        other.execute("CREATE TABLE precious(x)")
    before = path.read_bytes()
    with pytest.raises(database.ForeignDatabase):
        open_store(path, "f" * 16)
    assert path.read_bytes() == before


def test_the_database_commits_durably(tmp_path):
    store = open_store(tmp_path / "centre.db", "f" * 16)
    assert store.db.connection.pragma("journal_mode") == "wal"
    assert store.db.connection.pragma("synchronous") == 2  # FULL
    store.close()


def test_an_erased_part_leaves_no_bytes_in_file_wal_and_copy(tmp_path):
    secret = b"sealed bytes of somebody" * 400  # over several pages
    journal = MemoryJournal().grow(1)
    h = journal.append(kind="case.opened", part=secret).parts[0]
    journal.append(kind="part.erased", body={"h": [h], "why": "law"})
    found = [parse(encode(one)) for one in data(journal, 1, 2, 3)]
    store = open_store(tmp_path / "centre.db", "f" * 16)
    rows = [Admitted(one, {h: secret} if one.kind == "case.opened" else {}, None) for one in found]
    store.apply(1, SITE, found[0].epoch, rows[:2], None, frozenset({"case.opened"}))
    assert _hold(tmp_path, secret)
    store.apply(1, SITE, found[0].epoch, rows[2:], None, frozenset({"case.opened"}))
    store.leave_no_traces()
    store.back_up(tmp_path / "copy.db")
    assert not _hold(tmp_path, secret)
    assert store.was_erased(SITE, h)
    store.close()


def _hold(folder, secret):
    return [path.name for path in folder.iterdir() if secret[:24] in path.read_bytes()]
