"""The centre's answers, message by message, in the normative order of checks."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
import zstandard

from sync.centre.centre import Centre
from sync.centre.postgres import PostgresDatabase
from sync.centre.report import report
from sync.centre.sql import SqliteDatabase
from sync.centre.store import open_for_reading, open_store
from sync.centre.verdict import Verdict
from sync.protocol import canonical, chunks, frames, names, record
from sync.wire import Letter
from tests.sync.memory_journal import EPOCH, SITE, MemoryJournal

CID = "5b0e6f1a2c3d4e5f"
VECTORS = Path(__file__).parents[1] / "vectors"
BATCHES = json.loads((VECTORS / "messages.json").read_text("utf-8"))["batches"]
RECORDS = [case["record"] for case in json.loads((VECTORS / "records.json").read_text("utf-8"))["records"]]
TAIL = json.loads((VECTORS / "tail.json").read_text("utf-8"))["tail"]


FULL = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '53100'; END $$;"
FULL_DISK = {
    SqliteDatabase: (
        lambda db: db.connection.pragma("max_page_count", db.connection.pragma("page_count")),
        lambda db: db.connection.pragma("max_page_count", 1_000_000),
    ),
    PostgresDatabase: (
        lambda db: (db.run(FULL), db.run("CREATE TRIGGER t BEFORE INSERT ON records EXECUTE FUNCTION full_disk()")),
        lambda db: db.run("DROP TRIGGER t ON records"),
    ),
}


class FixedClock:
    def now_ms(self):
        return 1_795_396_447_900

    def up_ms(self):
        return 1


class Desk:
    """A centre and what a site would write to it."""

    def __init__(self, where, folder, **more):
        self.where = where
        self.folder = folder
        self.store = open_store(where, "d00dfeed01234567", "a" * 16, folder / "files")
        self.store.shards.beat()
        self.free = 10**12
        self.start(**more)

    def start(self, known=None, erasable=frozenset()):
        self.centre = Centre(
            self.store, clock=FixedClock(), region="luohu", free=lambda: self.free, verdict=Verdict(known),
            erasable=erasable,
        )  # fmt: skip

    def say(self, message, tail=None, site=SITE, shard=None):
        tail = tail or ("u/j" if message.get("m") == "batch" else "u/h")
        return self.raw(canonical.encode(message), tail, site, shard)

    def raw(self, payload, tail, site=SITE, shard=None):
        topic = f"he/1/{shard or names.shard(site)}/{site}/{tail}"
        answers = self.centre.handle(Letter(topic, payload))
        assert all(letter.topic == f"he/1/{names.shard(site)}/{site}/d/a" for letter in answers)
        assert all((letter.qos, letter.retain) == (0, False) for letter in answers)
        found = [frames.unpack(letter.payload, frames.MAX_OTHER) for letter in answers]
        assert len(found) <= 1
        return found[0] if found else None

    def letters(self, message):
        topic = f"he/1/{names.shard(SITE)}/{SITE}/u/h"
        return self.centre.handle(Letter(topic, canonical.encode(message)))

    def hello(self, next_seq=7, heads=((0, record.ZERO),), **more):
        hello = {
            "m": "hello", "cid": CID, "site": SITE, "epoch": EPOCH, "next": next_seq, "floor": 1, "feeds": {},
            "heads": [list(head) for head in heads], "free": 1, "now": 1, "up": 812345, "boot": "77aa01c2d3e4f506",
            "version": "1.4.0",
        }  # fmt: skip
        return self.say(hello | more)

    def batch(self, *records, cid=CID, **more):
        return self.say({"m": "batch", "cid": cid, "records": list(records), **more})

    def rows(self, text):
        reading = open_for_reading(self.where)
        try:
            return reading.rows(text)
        finally:
            reading.close()


@pytest.fixture
def new_desk(new_centre_database, tmp_path):
    made = []

    def make(**more):
        made.append(Desk(new_centre_database(), tmp_path, **more))
        return made[-1]

    yield make
    for desk in made:
        desk.store.close()


@pytest.fixture
def desk(new_desk):
    return new_desk()


def data(journal, *seqs):
    return [dict(journal.records[seq].record.data) for seq in seqs]


def test_welcome_of_an_unknown_site(desk):
    assert desk.hello() == {
        "m": "welcome", "cid": CID, "epoch": EPOCH, "upto": 0, "chain": record.ZERO, "durable": 0, "credit": 8,
        "held": 0, "bad": [], "centre": "d00dfeed01234567", "region": "luohu", "now": 1_795_396_447_900, "up": 812345,
    }  # fmt: skip
    assert desk.rows("SELECT * FROM epochs") == []


@pytest.mark.parametrize("case", BATCHES, ids=lambda case: str(case["why"]))
def test_batch_vectors(desk, case):
    desk.hello()
    assert desk.batch(RECORDS[0])["m"] == "ack"
    answer = desk.say(case["message"])
    assert (answer["m"], answer.get("why")) == (("ack", None) if case["why"] is None else ("nack", case["why"]))
    sent = case["message"]
    named = {h: b64decode(part) for h, part in sent.get("parts", {}).items()}
    if case["why"] is None:
        assert answer["upto"] == 3
        assert dict(desk.rows("SELECT h, bytes FROM parts")) == named
    else:
        stored = {row[0] for row in desk.rows("SELECT seq FROM records")}
        assert answer["upto"] == max(stored)
        assert stored <= {1, 2}


def test_all_vector_records_arrive_and_the_written_again_epoch_has_no_second_effect(desk):
    desk.hello()
    desk.batch(RECORDS[0])
    desk.say(BATCHES[1]["message"])
    assert desk.batch(*RECORDS[3:])["upto"] == 6
    cid = "0" * 15 + "2"
    again = TAIL["new_epoch"]
    assert desk.hello(cid=cid, epoch=again[0]["epoch"], next_seq=6)["upto"] == 0
    gone = [h for one in again for h in record.named_parts(one)]
    assert desk.batch(*again, cid=cid, gone=gone)["upto"] == 5
    found = report(desk.where, SITE)
    assert (found.records, found.duplicates, found.missing, found.epochs) == (7, 0, 0, 2)
    old = desk.hello(cid="0" * 15 + "3", heads=[[6, RECORDS[5]["hash"]], [0, record.ZERO]])
    assert (old["m"], old["common"], old["upto"], old["tail"]["n"]) == ("fork", 6, 6, 0), "nothing it may have lost"
    assert desk.batch(*RECORDS[:1], cid="0" * 15 + "3")["why"] == "hello"


def test_an_unknown_cid_is_told_so_whatever_is_in_the_batch(desk):
    journal = MemoryJournal().grow(3)
    assert desk.batch(*data(journal, 1)) == {"m": "nack", "cid": CID, "why": "hello", "text": ""}
    desk.hello()
    desk.hello(cid="1" * 16)
    assert desk.batch(*data(journal, 1))["why"] == "hello"
    assert desk.say({"m": "marks", "cid": CID, "feeds": {}})["why"] == "hello"
    assert desk.say({"m": "marks", "cid": "1" * 16, "feeds": {}}) is None
    assert desk.rows("SELECT * FROM records") == []


def test_records_up_to_the_first_bad_one_are_applied(desk):
    journal = MemoryJournal().grow(6)
    desk.hello()
    one, two, three, four, five = data(journal, 1, 2, 3, 4, 5)
    answer = desk.batch(one, two, three | {"up": 99}, four)
    assert (answer["why"], answer["upto"], answer["chain"]) == ("hash", 2, two["hash"])
    answer = desk.batch(two, three, five)
    assert (answer["why"], answer["upto"]) == ("gap", 3)
    answer = desk.batch(four | {"extra": {"of": "a later version"}})
    assert answer["why"] == "hash"
    answer = desk.batch(four, "no record", five)
    assert (answer["why"], answer["upto"]) == ("format", 4)
    assert desk.batch(one, two, three)["m"] == "ack"
    assert desk.batch()["m"] == "ack"
    assert desk.batch(five)["upto"] == 5


def test_each_record_is_checked_in_the_normative_order(desk):
    journal = MemoryJournal().grow(4)
    one, two, three = data(journal, 1, 2, 3)
    desk.hello()
    desk.batch(one)
    foreign = dict(MemoryJournal(site="A1").grow(2).records[2].record.data)
    other_epoch = dict(MemoryJournal(epoch="1" * 16).grow(2).records[2].record.data)
    assert desk.batch(foreign | {"seq": "x"})["why"] == "format"
    assert desk.batch(foreign | {"up": 3})["why"] == "foreign"
    assert desk.batch(other_epoch)["why"] == "foreign"
    assert desk.batch(three | {"up": 9})["why"] == "hash"
    assert desk.batch(three)["why"] == "gap"
    skeleton = {name: value for name, value in two.items() if name != "hash"}
    assert desk.batch(dict(record.build(skeleton | {"prev": "a" * 64}).data))["why"] == "chain"
    skeleton = {name: value for name, value in one.items() if name != "hash"}
    assert desk.batch(dict(record.build(skeleton | {"up": 77}).data))["why"] == "chain"
    assert [row[0] for row in desk.rows("SELECT seq FROM records")] == [1]


def test_sizes_and_broken_payloads(desk):
    journal = MemoryJournal().grow(70)
    assert desk.raw(b"{broken", "u/j") is None
    desk.hello()
    assert desk.raw(b"{broken", "u/j")["why"] == "format"
    assert desk.raw(zstandard.compress(b" " * 1_000_000), "u/j")["why"] == "size"
    assert desk.batch(*data(journal, *range(1, 66)))["why"] == "size"
    assert desk.say({"m": "batch", "cid": CID, "records": 3}, "u/j")["why"] == "format"
    batch = {"m": "batch", "cid": CID, "records": data(journal, 1)}
    assert desk.raw(zstandard.compress(canonical.encode(batch)), "u/j")["upto"] == 1
    long = MemoryJournal(records={1: journal.records[1]})
    long.append(body={"filler": "x" * 131_072})
    assert desk.batch(*data(long, 2))["why"] == "size"
    assert desk.say({"m": "poem", "cid": CID}, "u/j") is None
    assert desk.raw(b"\xff", "u/h") is None


def test_a_part_that_nobody_names_is_ignored_and_a_gone_one_may_be_missing(desk):
    journal = MemoryJournal().grow(1)
    named = journal.append(part=b"sealed", gone=b"erased")
    desk.hello()
    desk.batch(*data(journal, 1))
    here, erased = named.parts
    stray = {"f" * 64: "not even base64", here: "c2VhbGVk"}
    assert desk.batch(*data(journal, 2), parts=stray)["why"] == "format"
    assert desk.batch(*data(journal, 2), parts=stray | {here: "?"}, gone=[erased])["why"] == "format"
    assert desk.batch(*data(journal, 2), parts=stray | {here: "c2VhbGVE"}, gone=[erased])["why"] == "hash"
    assert desk.batch(*data(journal, 2), parts=stray, gone=[erased])["upto"] == 2
    assert desk.rows("SELECT h, bytes FROM parts") == [(here, b"sealed")]


def test_fork_names_the_highest_common_head(desk):
    journal = MemoryJournal().grow(12)
    desk.hello(next_seq=13)
    desk.batch(*data(journal, *range(1, 13)))
    at = {seq: journal.records[seq].record.hash for seq in journal.records}
    answer = desk.hello(next_seq=11, heads=[[10, "b" * 64], [9, at[9]], [8, at[8]], [0, record.ZERO]])
    assert answer.pop("tail")["n"] == 3
    assert answer == {"m": "fork", "cid": CID, "epoch": EPOCH, "common": 9, "upto": 12}
    assert desk.batch(*data(journal, 12))["why"] == "hello"
    answer = desk.hello(next_seq=20, heads=[[19, "c" * 64], [12, "b" * 64], [11, at[11]], [0, record.ZERO]])
    assert (answer["m"], answer["common"]) == ("fork", 11)
    assert desk.hello(next_seq=20, heads=[[19, "c" * 64], [12, at[12]]])["m"] == "welcome"
    assert desk.hello(next_seq=5, heads=[[4, "b" * 64], [0, record.ZERO]])["common"] == 0


def test_holes_only_where_hello_said_so(desk):
    journal = MemoryJournal().grow(12)
    at9 = journal.records[9].record.hash
    desk.hello(next_seq=13, floor=10, heads=[[12, journal.records[12].record.hash], [9, "d" * 64]])
    assert desk.batch(*data(journal, 10, 11))["why"] == "gap"
    desk.hello(next_seq=13, floor=10, heads=[[12, journal.records[12].record.hash], [9, at9]])
    assert desk.batch(*data(journal, 11, 12))["why"] == "gap"
    assert desk.batch(*data(journal, 10, 12))["upto"] == 10
    assert desk.rows("SELECT first, last FROM holes") == [(1, 9)]
    assert desk.batch(*data(journal, 5))["m"] == "ack"
    assert desk.batch(*data(journal, 11, 12))["upto"] == 12
    assert report(desk.where, SITE).missing == 9


def test_a_topic_of_a_foreign_shard_or_site_is_ignored(desk):
    journal = MemoryJournal().grow(1)
    assert desk.hello(site="A1") is None
    desk.hello()
    assert desk.say({"m": "batch", "cid": CID, "records": data(journal, 1)}, shard="40") is None
    assert desk.centre.handle(Letter("he/1/3f/lh-0042/u/h", b"{}")) == []
    assert desk.centre.handle(Letter("other/topic", b"{}")) == []


def test_two_boots_that_take_turns_raise_an_alarm(desk):
    for boot in ("a" * 16, "a" * 16, "b" * 16, "c" * 16):
        desk.hello(boot=boot)
    assert desk.rows("SELECT code FROM alarms") == []
    desk.hello(boot="b" * 16)
    assert desk.rows("SELECT site, code FROM alarms") == [(SITE, "two_boots")]


def test_quarantine_is_by_birth_and_heals_after_an_upgrade(desk):
    journal = MemoryJournal().grow(1)
    journal.append(kind="later.kind")
    journal.append(kind="ticket.called", v=2)
    journal.append(kind="part.erased", body={"h": ["no digest"], "why": "law"})
    journal.grow(1)
    desk.start(known={"ticket.called": 1})
    desk.hello()
    answer = desk.batch(*data(journal, 1, 2, 3, 4, 5))
    assert (answer["m"], answer["upto"], answer["held"]) == ("ack", 5, 3)
    assert answer["bad"] == [[EPOCH, 4, "body"], [EPOCH, 3, "version"], [EPOCH, 2, "kind"]]
    assert desk.batch(*data(journal, 2, 3))["held"] == 3
    desk.start(known={"ticket.called": 2, "later.kind": 1})
    assert desk.hello(next_seq=6)["held"] == 1


def test_what_is_held_stays_held_once_when_it_is_written_again_in_a_new_epoch(desk):
    journal = MemoryJournal().grow(1)
    held = journal.append(kind="later.kind")
    desk.start(known={"ticket.called": 1})
    desk.hello(next_seq=3)
    assert desk.batch(*data(journal, 1, 2))["held"] == 1
    again = MemoryJournal(epoch="1" * 16).grow(1)
    again.append(kind="later.kind", was=list(held.birth))
    desk.hello(next_seq=3, epoch="1" * 16)
    answer = desk.batch(*data(again, 1, 2))
    assert (answer["m"], answer["upto"], answer["held"]) == ("ack", 2, 1)
    assert answer["bad"] == [[EPOCH, 2, "kind"]]


def test_only_the_newest_16_of_the_quarantine_are_told(desk):
    journal = MemoryJournal().grow(1).grow(30, kind="later.kind")
    desk.start(known={})
    desk.hello()
    answer = desk.batch(*data(journal, *range(1, 32)))
    assert (answer["held"], len(answer["bad"]), answer["bad"][0][1]) == (30, 16, 31)


def test_the_centre_erases_only_what_its_own_rule_lets_go_and_never_stores_it_again(new_desk):
    for erasable, left in [(frozenset(), b"sealed"), (frozenset({"case.opened"}), None)]:
        desk = new_desk(erasable=erasable)
        journal = MemoryJournal().grow(1)
        h = journal.append(kind="case.opened", part=b"sealed").parts[0]
        journal.append(kind="part.erased", body={"h": [h], "why": "term"})
        desk.hello()
        parts = {h: "c2VhbGVk"}
        assert desk.batch(*data(journal, 1, 2, 3), parts=parts)["upto"] == 3
        assert desk.rows("SELECT bytes FROM parts") == [(left,)]
        journal.append(kind="case.opened", part=b"sealed")
        assert desk.batch(*data(journal, 4), parts=parts)["upto"] == 4
        assert desk.rows("SELECT bytes FROM parts") == [(left,)]


def test_an_erased_page_leaves_the_centre_also_on_its_way_and_is_never_asked_for_again(new_desk):
    desk = new_desk(erasable=frozenset({"page.captured"}))
    data_of = [b"first page" * 9, b"second"]
    pages = [record.digest(one) for one in data_of]
    journal = MemoryJournal().grow(1)
    for h in pages:
        journal.append(kind="page.captured", body={"h": h})
    desk.hello()
    assert desk.batch(*data(journal, 1, 2, 3))["upto"] == 3

    def offer(n):
        found = {"m": "offer", "cid": CID, "hash": pages[n], "size": len(data_of[n]), "chunk": 16_384}
        return desk.say(found)

    def chunk(n):
        return desk.raw(chunks.pack(chunks.Chunk(pages[n], 0, data_of[n])), "u/f")

    assert offer(0)["m"] == "need"
    assert chunk(0)["m"] == "have"
    assert offer(1)["m"] == "need"
    there = {path.name for path in (desk.folder / "files").rglob("*") if path.is_file()}
    assert there == {pages[0], f"{pages[1]}.part"}
    journal.append(kind="part.erased", body={"h": pages, "why": "law"})
    assert desk.batch(*data(journal, 4))["upto"] == 4
    assert [path for path in (desk.folder / "files").rglob("*") if path.is_file()] == []
    assert chunk(1) is None
    assert offer(0)["m"] == offer(1)["m"] == "have"
    assert [path for path in (desk.folder / "files").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("strange", [[], {}, None, 1, ["offer"], {"m": "offer"}])
def test_a_message_that_is_no_text_ends_nobody(new_desk, strange):
    desk = new_desk()
    for tail in ("u/h", "u/j", "u/t", "s", "u/f"):
        assert desk.say({"m": strange, "cid": CID}, tail) is None
    assert desk.hello()["m"] == "welcome"


def test_credit_follows_the_room_on_the_disk_and_is_told(desk):
    journal = MemoryJournal().grow(2)
    assert desk.hello()["credit"] == 8
    assert desk.centre.news() == []
    desk.free = 0
    assert frames.unpack(desk.centre.news()[0].payload, frames.MAX_OTHER)["credit"] == 0
    assert desk.centre.news() == []
    assert desk.batch(*data(journal, 1))["credit"] == 0


def test_a_full_disk_is_never_acknowledged(desk):
    journal = MemoryJournal().grow(64, body={"filler": "x" * 2_000})
    desk.hello()
    desk.batch(*data(journal, 1, 2))
    fill, empty = FULL_DISK[type(desk.store.db)]
    fill(desk.store.db)
    answer = desk.batch(*data(journal, *range(3, 65)))
    assert (answer["m"], answer["upto"], answer["credit"]) == ("ack", 2, 0)
    empty(desk.store.db)
    assert desk.batch(*data(journal, *range(3, 65)))["upto"] == 64
    assert report(desk.where, SITE).missing == 0


def test_births_and_wills_are_hints(desk):
    birth = {"m": "birth", "cid": CID, "online": True, "epoch": EPOCH, "version": "1.4.0"}
    assert desk.say(birth, "s") is None
    assert desk.say(birth | {"online": False}, "s") is None
    assert desk.raw(b"rubbish", "s") is None
    assert desk.rows("SELECT site, online FROM presence") == [(SITE, 0)]


def test_the_centre_keeps_its_name_and_its_marks_over_a_restart(desk):
    journal = MemoryJournal().grow(3)
    desk.hello()
    desk.batch(*data(journal, 1, 2, 3))
    desk.store.shards.leave()
    desk.store.close()
    desk.store = open_store(desk.where, "ffffffffffffffff", "b" * 16)
    desk.store.shards.beat()
    desk.start()
    assert desk.batch(*data(journal, 3))["why"] == "hello"
    answer = desk.hello(next_seq=4)
    assert (answer["centre"], answer["upto"]) == ("d00dfeed01234567", 3)


def test_the_tail_of_the_vectors_is_made_byte_for_byte_and_sent_in_chunks(desk):
    desk.hello()
    desk.batch(RECORDS[0])
    desk.say(BATCHES[1]["message"])
    gone = [h for one in RECORDS[3:] for h in record.named_parts(one)] + list(record.named_parts(RECORDS[2]))
    desk.batch(*RECORDS[2:], gone=gone)
    desk.store.db.run("UPDATE parts SET bytes = NULL")
    at = {one["seq"]: one["hash"] for one in RECORDS}
    fork = desk.hello(next_seq=3, heads=[[2, at[2]], [0, record.ZERO]])
    assert (fork["common"], fork["tail"]["n"]) == (2, 4)
    letters = desk.letters({"m": "need", "cid": CID, "hash": fork["tail"]["hash"], "bitmap": chunks.bitmap([0], 1)})
    found = [chunks.read(letter.payload) for letter in letters]
    assert [letter.topic for letter in letters] == [f"he/1/{names.shard(SITE)}/{SITE}/d/f"]
    assert [(one.index, one.h) for one in found] == [(0, fork["tail"]["hash"])]
    stored = b"".join(one.data for one in found)
    assert record.digest(stored) == fork["tail"]["hash"]
    assert zstandard.ZstdDecompressor().decompressobj().decompress(stored).decode() == TAIL["file_utf8"]
    assert desk.letters({"m": "need", "cid": CID, "hash": "0" * 64, "bitmap": "gA=="}) == []
    assert desk.letters({"m": "need", "cid": CID, "hash": fork["tail"]["hash"], "bitmap": "gAA="}) == []
    assert desk.letters({"m": "have", "cid": CID, "hash": fork["tail"]["hash"]}) == []


def test_a_new_epoch_from_a_tail_that_grew_old_is_told_what_came_since(desk):
    """Two machines, told apart by `boot`: the other one delivers after this one was sent its tail."""
    other, fresh = {"cid": "7" * 16, "boot": "8" * 16}, {"epoch": "1" * 16, "next_seq": 2}
    journal = MemoryJournal().grow(6)
    desk.hello()
    desk.batch(*data(journal, 1, 2, 3))
    behind = {"next_seq": 2, "heads": [[1, journal.records[1].record.hash]]}
    assert desk.hello(**behind)["tail"]["n"] == 2
    assert desk.hello(next_seq=7, heads=[[3, journal.records[3].record.hash]], **other)["m"] == "welcome"
    assert desk.batch(*data(journal, 4, 5, 6), cid=other["cid"])["upto"] == 6
    told = [desk.hello(**fresh) for _ in range(2)]  # the answer may be lost
    assert [(one["m"], one["epoch"], one["common"], one["tail"]["n"]) for one in told] == [("fork", "1" * 16, 0, 3)] * 2
    need = {"m": "need", "cid": CID, "hash": told[1]["tail"]["hash"], "bitmap": chunks.bitmap([0], 1)}
    assert len(desk.letters(need)) == 1
    assert desk.hello(epoch="2" * 16, next_seq=2)["m"] == "welcome", "it knows all of it now"
    assert desk.hello(epoch="3" * 16, next_seq=2, boot="9" * 16)["m"] == "welcome", "it was shown no tail"


def test_what_was_shown_is_forgotten_once_all_is_well(desk):
    journal = MemoryJournal().grow(4)
    desk.hello()
    desk.batch(*data(journal, 1, 2))
    assert desk.hello(next_seq=2, heads=[[1, journal.records[1].record.hash]])["m"] == "fork"
    assert desk.hello(next_seq=5, heads=[[2, journal.records[2].record.hash]])["m"] == "welcome"  # that was an old one
    desk.batch(*data(journal, 3, 4))
    assert desk.hello(epoch="1" * 16, next_seq=2)["m"] == "welcome"


DROPPED = {"month": "2026-07", "epoch": EPOCH, "first": 1, "why": "term", "months": 12}


@pytest.mark.parametrize("also_here", [True, False])
def test_what_a_site_drops_goes_here_by_the_centres_own_rule(new_desk, also_here):
    """Place, hash and birth stay: the chain is known, a copy counts once, a head is found."""
    desk = new_desk(known={"ticket.called": 1}, erasable=frozenset({"month.dropped"}) if also_here else frozenset())
    journal = MemoryJournal().grow(3)
    held = journal.append(kind="later.kind")
    journal.grow(1)
    tail = journal.records[5].record.hash
    body = DROPPED | {"last": 5, "tail": tail, "digest": "d" * 64}
    journal.append(kind="month.dropped", body=body)
    desk.hello(next_seq=7)
    assert desk.batch(*data(journal, 1, 2, 3, 4, 5, 6))["upto"] == 6
    left = [1, 4, 6] if also_here else [1, 2, 3, 4, 5, 6]
    assert [seq for (seq,) in desk.rows("SELECT seq FROM records WHERE length(raw) > 0 ORDER BY seq")] == left
    found = report(desk.where, SITE, desk.folder / "files")
    assert (found.records, found.missing, found.duplicates, found.broken) == (6, 0, 0, 0)
    assert found.dropped == 6 - len(left)
    heads = [[6, journal.records[6].record.hash], [5, tail]]
    assert desk.hello(next_seq=7, floor=6, heads=heads)["m"] == "welcome"
    assert desk.batch(*data(journal, 2, 3))["upto"] == 6  # older ones are known by their hashes
    fork = desk.hello(next_seq=2, heads=[[1, journal.records[1].record.hash], [0, record.ZERO]])
    assert fork["tail"]["n"] == len(left) - 1
    again = MemoryJournal(epoch="1" * 16).grow(1)
    again.append(was=list(journal.records[2].record.birth))
    desk.hello(next_seq=3, epoch="1" * 16)
    assert desk.batch(*data(again, 1, 2))["m"] == "ack"
    assert report(desk.where, SITE, desk.folder / "files").duplicates == 0
    assert desk.store.newest_bad(SITE) == ((EPOCH, held.seq, "kind"),)


def test_a_month_of_another_history_goes_nowhere(new_desk):
    desk = new_desk(erasable=frozenset({"month.dropped"}))
    journal = MemoryJournal().grow(4)
    journal.append(kind="month.dropped", body=DROPPED | {"last": 4, "tail": "e" * 64, "digest": "d" * 64})
    desk.hello(next_seq=6)
    assert desk.batch(*data(journal, 1, 2, 3, 4, 5))["upto"] == 5
    assert desk.rows("SELECT count(*) FROM records WHERE length(raw) = 0") == [(0,)]
