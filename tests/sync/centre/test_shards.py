"""Leases over the shards on a real PostgreSQL: all served, none by two, and a commit only under a lease."""

import subprocess
import sys

import pytest

from sync.centre import postgres as pg
from sync.centre.shards import ALL, LeasedShards, LeaseLost, shard_of, writing
from sync.centre.sql import Unreachable
from sync.centre.store import open_store
from tests.sync.memory_journal import SITE


@pytest.fixture
def where(postgres):
    return postgres.new_database()


@pytest.fixture
def worker(where):
    """Make a worker by name, each with a connection of its own."""
    made = []

    def make(name):
        db = pg.open_for_writing(where, "d00dfeed01234567")
        made.append(db)
        return LeasedShards(db, name * 16)

    yield make
    for db in made:
        db.close()


def kill(worker, where):
    """Its time is over, as the database sees it."""
    db = pg.PostgresDatabase(where)
    db.run("UPDATE workers SET until = clock_timestamp() - interval '1 ms' WHERE id = ?", (worker._worker,))
    db.close()


def settle(*workers):
    for _ in range(2):  # what one gives up the next finds free
        for one in workers:
            one.beat()


def test_one_has_all_two_share_and_who_leaves_gives_back(worker):
    a, b, c = worker("a"), worker("b"), worker("c")
    assert a.beat() == (ALL, frozenset())
    assert b.beat() == (frozenset(), frozenset()), "nothing is taken from a living worker"
    change = a.beat()
    assert (len(change.gained), len(change.lost)) == (0, 128)
    assert b.beat().gained == change.lost
    settle(a, b, c)
    assert sorted(len(one.held) for one in (a, b, c)) == [84, 86, 86]
    assert a.held | b.held | c.held == ALL
    b.leave()
    assert (b.held, b.mine(SITE)) == (frozenset(), False)
    settle(a, c)
    assert (len(a.held), len(c.held), a.held | c.held) == (128, 128, ALL)


def test_a_silent_worker_is_replaced_and_cannot_write(worker, where):
    a, b = worker("a"), worker("b")
    a.beat()
    a_db, b_db = a._db, b._db
    with writing(a_db, a, SITE):
        a_db.run("INSERT INTO holes(site, epoch, first, last) VALUES(?, '', 1, 1)", (SITE,))
    kill(a, where)
    assert b.beat().gained == ALL
    with pytest.raises(LeaseLost), writing(a_db, a, SITE):
        a_db.run("INSERT INTO holes(site, epoch, first, last) VALUES(?, '', 2, 2)", (SITE,))
    assert not a.mine(SITE)
    assert b_db.rows("SELECT first FROM holes") == [(1,)]
    change = a.beat()
    assert (len(change.gained), change.lost) == (0, ALL - {shard_of(SITE)})


def test_a_commit_that_began_under_a_lease_ends_before_it_is_taken(worker, where):
    a, b = worker("a"), worker("b")
    a.beat()
    with writing(a._db, a, SITE):
        kill(a, where)
        taken = b.beat().gained
        assert taken == ALL - {shard_of(SITE)}, "what is being written for is left alone until the commit"
        a._db.run("INSERT INTO holes(site, epoch, first, last) VALUES(?, '', 1, 1)", (SITE,))
    assert b.beat().gained == {shard_of(SITE)}


def test_a_worker_that_was_silent_too_long_keeps_what_nobody_took(worker, where):
    a = worker("a")
    a.beat()
    kill(a, where)
    assert a.beat() == (frozenset(), frozenset())
    assert a.held == ALL


def test_the_connection_is_made_again_after_the_server_died(postgres, where):
    store = open_store(where, "d00dfeed01234567", "a" * 16)
    store.shards.beat()
    postgres.kill()
    with pytest.raises(Unreachable):
        store.alarm(1, SITE, "hole", "1..2")
    postgres.start()
    store.alarm(2, SITE, "hole", "3..4")
    assert store.db.rows("SELECT detail FROM alarms") == [("3..4",)]
    store.close()


def test_a_restored_database_is_another_centre(postgres, where, tmp_path):
    first = open_store(where, "1" * 16, "a" * 16)
    first.close()
    again = open_store(where, "2" * 16, "a" * 16)
    assert again.id == "1" * 16
    again.close()
    copy = postgres.new_database()
    file = tmp_path / "copy"
    subprocess.run([postgres.program("pg_dump"), "-Fc", "-f", file, where], check=True)
    subprocess.run([postgres.program("pg_restore"), "-d", copy, file], check=True)
    restored = open_store(copy, "3" * 16, "a" * 16)
    assert restored.id == "3" * 16
    restored.close()


def test_a_server_that_may_lose_commits_and_tables_of_others_are_refused(postgres, where):
    db = pg.PostgresDatabase(where)
    db.run("CREATE TABLE precious(x INTEGER)")
    with pytest.raises(pg.ForeignDatabase):
        pg.open_for_writing(where, "1" * 16)
    assert db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [("precious",)]
    db.close()
    with pytest.raises(pg.NotDurable):
        pg.open_for_writing(where + "&options=-csynchronous_commit%3Doff", "1" * 16)


def test_only_a_copy_that_succeeded_makes_durable_what_was_there_before_it(postgres, where, tmp_path):
    store = open_store(where, "1" * 16, "a" * 16)
    store.db.run("INSERT INTO epochs(site, epoch, upto, chain) VALUES('A1', 'e', 7, 'c'), ('B1', 'e', 0, 'c')")
    cover = [sys.executable, "-m", "sync.centre.cli", "cover", "--db", where, "--"]
    assert subprocess.run([*cover, "false"], stderr=subprocess.DEVNULL).returncode == 1
    assert (store.position("A1", "e").durable, store.copies()) == (0, 0)
    copy = tmp_path / "copy"
    assert subprocess.run([*cover, postgres.program("pg_dump"), "-Fc", "-f", copy, where]).returncode == 0
    assert copy.stat().st_size > 0
    assert (store.position("A1", "e").durable, store.copies()) == (7, 1)

    pg.cover(where, lambda: store.db.run("UPDATE epochs SET upto = 9 WHERE site = 'A1'"))
    assert store.position("A1", "e").durable == 7, "what came while it was copied may not be in the copy"
    store.close()
