import asyncio
from pathlib import Path
from random import Random

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.journal import FreeText, Journal, JournalBusy, JournalError, JournalFailed, KeyRing, RecordTooBig
from edge.journal.verify import verify
from edge.rules.records import Draft, Private, TicketMissed
from sync.protocol.record import ZERO, parse
from sync.source import Mark
from tests.edge.journal.material import BOOT, SITE, ZONE, Opener, TurnedClock, called, issued


async def test_first_boot_opens_an_epoch(open_journal: Opener) -> None:
    journal = await open_journal()
    [stored] = await journal.read(0)
    first = stored.record
    assert (first.seq, first.kind, first.prev) == (1, "epoch.opened", ZERO)
    assert first.body == {"why": "new", "from": None, "common": 0, "chain": ZERO}
    assert first.data["epoch"] == journal.epoch
    assert first.data["at"] == "2026-11-23T09:00:00.000+08:00"
    assert (journal.next_seq, journal.floor, journal.site) == (2, 1, SITE)


async def test_records_carry_the_protocols_members_and_two_of_ours(open_journal: Opener) -> None:
    journal = await open_journal()
    [made] = await journal.append([called(5)], cmd="kiosk-1:abc")
    assert parse(made.raw) == made
    assert made.data["cmd"] == "kiosk-1:abc"
    assert made.data["boot"] == BOOT
    assert made.data["business_date"] == "2026-11-23"
    assert made.prev == await journal.hash_at(1)
    assert await journal.hash_at(0) == ZERO
    assert await journal.hash_at(3) is None


async def test_waiting_appends_share_commits_and_keep_their_order(open_journal: Opener) -> None:
    journal = await open_journal()
    futures = [journal.submit([called(n), called(n)]) for n in range(200)]
    answers = await asyncio.gather(*futures)
    assert [record.seq for answer in answers for record in answer] == list(range(2, 402))
    assert [answer[0].subject for answer in answers] == [f"t:{n}" for n in range(200)]
    assert journal.commits < 50


async def test_an_append_is_whole_or_nothing_and_harms_no_other(open_journal: Opener) -> None:
    journal = await open_journal()
    big = issued(2, {"note": "x" * 100_000})
    before = journal.submit([called(1)])
    refused = journal.submit([called(2), big], cmd="too-big-1")
    after = journal.submit([called(3)])
    assert [r.seq for r in await before] == [2]
    with pytest.raises(RecordTooBig):
        await refused
    assert [r.seq for r in await after] == [3]
    assert await journal.answer_to("too-big-1") is None
    assert len(await journal.read(0)) == 3


async def test_a_command_answers_the_same_after_a_restart(open_journal: Opener) -> None:
    journal = await open_journal()
    made = await journal.append([issued(1, {"name": "张测试"}), called(1)], cmd="cmd-0001")
    assert [record.kind for record in made] == ["ticket.issued", "ticket.called"]
    again = await journal.append([called(99)], cmd="cmd-0001")
    await journal.close()
    reopened = await open_journal()
    assert await reopened.answer_to("cmd-0001") == made == again
    assert await reopened.answer_to("cmd-0002") is None
    kinds = [stored.record.kind for stored in await reopened.read(0)]
    assert kinds == ["epoch.opened", "key.issued", "ticket.issued", "ticket.called"]


async def test_the_same_command_twice_in_one_group_is_written_once(open_journal: Opener) -> None:
    journal = await open_journal()
    first, second = journal.submit([called(1)], cmd="twice-01"), journal.submit([called(1)], cmd="twice-01")
    assert await first == await second
    assert journal.next_seq == 3


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "张测试"},
        {"actor": "clerk one"},
        {"subject": "t:" + "1" * 80},
        {"subject": "p:119999199001010012"},
        {"business_date": "today"},
        {"body": TicketMissed(window="窗口一", now=1)},
        {"body": TicketMissed(window="119999199001010012", now=1)},
        {"kind": "ticket.called"},
    ],
)
async def test_text_that_is_no_code_is_a_type_error(open_journal: Opener, change: dict[str, object]) -> None:
    journal = await open_journal()
    body = TicketMissed(window="w1", now=1)
    draft = Draft(kind="ticket.missed", v=2, subject="t:1", actor="clerk:c01", body=body)
    with pytest.raises(TypeError) as refused:
        await journal.append([draft.model_copy(update=change)])
    assert "119999" not in str(refused.value)
    assert journal.next_seq == 2


async def test_a_command_id_is_a_code_too(open_journal: Opener) -> None:
    journal = await open_journal()
    with pytest.raises(FreeText):
        await journal.append([called(1)], cmd="叫号")


async def test_two_processes_cannot_open_one_journal(open_journal: Opener) -> None:
    await open_journal()
    with pytest.raises(JournalBusy, match="already open in process"):
        await open_journal()


async def test_another_sites_journal_is_refused(open_journal: Opener) -> None:
    await (await open_journal()).close()
    with pytest.raises(JournalError, match="belongs to site LH-0042"):
        await open_journal(site="LH-0043")


async def test_the_table_refuses_change_and_deletion(open_journal: Opener, tmp_path: Path) -> None:
    await (await open_journal()).close()
    db = apsw.Connection(str(tmp_path / "j" / "journal.db"))
    for statement in ("UPDATE records SET cmd='x'", "DELETE FROM records", "DELETE FROM epochs"):
        with pytest.raises(apsw.ConstraintError, match="append-only"):
            db.execute(statement)
    db.close()


async def test_birth_sets_extra_before_wal_and_daily_work_is_full(
    open_journal: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def watch(db: apsw.Connection) -> None:
        def trace(cursor: apsw.Cursor, statement: str, bindings: object) -> bool:
            seen.append(statement)
            return True

        db.exec_trace = trace

    monkeypatch.setattr(apsw, "connection_hooks", [watch])
    await (await open_journal()).append([called(1)])
    assert seen.index("PRAGMA synchronous=EXTRA") < seen.index("PRAGMA journal_mode=wal")
    assert seen.index("PRAGMA journal_mode=wal") < seen.index("PRAGMA synchronous=FULL")
    assert seen.count("PRAGMA secure_delete=ON") == 2


async def test_everything_is_refused_after_close(open_journal: Opener) -> None:
    journal = await open_journal()
    waiter = asyncio.create_task(journal.wait_beyond(1))
    await asyncio.sleep(0)
    await journal.close()
    with pytest.raises(JournalFailed):
        await waiter
    with pytest.raises(JournalFailed):
        await journal.append([called(1)])


async def test_wait_beyond_wakes_on_the_commit(open_journal: Opener) -> None:
    journal = await open_journal()
    waiter = asyncio.create_task(journal.wait_beyond(2))
    await journal.append([called(1)])
    assert not waiter.done()
    await journal.append([called(2)])
    async with asyncio.timeout(30):
        await waiter


async def test_read_is_bounded_by_bytes_and_gives_at_least_one(open_journal: Opener) -> None:
    journal = await open_journal()
    await journal.append([called(n) for n in range(20)])
    assert [s.record.seq for s in await journal.read(4, limit=3)] == [5, 6, 7]
    assert len(await journal.read(0, max_bytes=1)) == 1
    size = len((await journal.read(2))[0].record.raw)
    assert 2 <= len(await journal.read(2, max_bytes=3 * size + 10)) <= 3
    assert await journal.read(21) == []


async def test_marks_and_snapshots_survive(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    assert await journal.load_mark() is None
    assert await journal.load_snapshot() is None
    await journal.append([called(n) for n in range(9)])
    mark = Mark(journal.epoch, 4, "a" * 64, 3)
    await journal.save_mark(mark)
    for seq in (3, 5, 7, 9):
        await journal.save_snapshot(seq, b"state %d" % seq)
    with pytest.raises(ValueError, match="no record 11"):
        await journal.save_snapshot(11, b"")
    await journal.close()
    db = apsw.Connection(str(tmp_path / "j" / "journal.db"))
    db.execute("UPDATE snapshots SET data = CAST('state X' AS BLOB) WHERE pos = 9")
    assert db.execute("SELECT count(*) FROM snapshots").get == 3
    db.close()
    reopened = await open_journal()
    assert await reopened.load_mark() == mark
    assert await reopened.load_snapshot() == (7, b"state 7")


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    seed=st.integers(0, 2**32),
    alg=st.sampled_from(["sha256", "sm3"]),
)
def test_any_mix_of_appends_is_one_chain(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], seed: int, alg: str
) -> None:
    random = Random(seed)
    folder = tmp_path_factory.mktemp("chain")

    async def scenario() -> None:
        journal = await Journal.open(
            folder,
            site=SITE,
            boot=BOOT,
            clock=TurnedClock(),
            zone=ZONE,
            random_bytes=random.randbytes,
            keys=KeyRing(bytes(32)),
            alg=alg,  # type: ignore[arg-type]
        )
        drafts = [[_draft(random, n) for n in range(size)] for size in sizes]
        answers = await asyncio.gather(*(journal.submit(some) for some in drafts))
        assert [len(answer) for answer in answers] == sizes
        chain = [stored.record for stored in await journal.read(0, limit=1000)]
        await journal.close()
        assert [record.seq for record in chain] == list(range(1, len(chain) + 1))
        assert [record.prev for record in chain] == [ZERO, *(record.hash for record in chain[:-1])]
        assert all(parse(record.raw) == record for record in chain)
        verdict = verify(folder / "journal.db")
        assert (verdict.good, verdict.records, verdict.head) == (True, len(chain), chain[-1].hash)

    asyncio.run(scenario())


def _draft(random: Random, n: int) -> Draft:
    draft = issued(n, {"name": "样本"} if random.random() < 0.5 else None)
    if draft.private is None:
        return draft
    return draft.model_copy(update={"private": Private(owner=f"t:{random.randrange(3)}", members={"name": "样本"})})
