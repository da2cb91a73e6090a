"""The centre's SQLite file."""

import apsw
import pytest

from sync.centre import database
from sync.centre.store import open_store


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
