"""New epochs in the real journal, and copies of it: made beside a running one, verified, put back on purpose."""

import apsw
import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.journal import PartGone, new_epoch
from edge.journal.backup import BadCopy, back_up, restore
from edge.journal.epochs import FORK, LOST, RESTORED
from edge.journal.errors import EpochChanged, GapMode, JournalBusy
from edge.journal.new_epoch import Gap
from edge.journal.verify import verify
from sync.protocol.record import ZERO
from sync.source import Mark
from tests.edge.journal.material import called, issued

PERSON = {"name": "张测试", "id_number": "119999199001010012"}


async def _lost_and_image(open_journal, tmp_path):
    """A journal of 12 records, and one restored from its copy of 6."""
    lost = await open_journal()
    await lost.append([issued(1, PERSON), called(1)], cmd="c:1")
    await lost.append([called(2), called(3)], cmd="c:2")
    back_up(tmp_path / "j", tmp_path / "plugged-in")
    (tmp_path / "plugged-in").rename(tmp_path / "copy")  # away when something is erased
    await lost.append([issued(4, PERSON), called(4)], cmd="c:3")
    await lost.append([called(5)], cmd="c:4")
    await lost.erase([lost_part(await lost.read(2, 1))], "law", actor="system")
    return lost, await _restored(open_journal, tmp_path)


async def _restored(open_journal, tmp_path):
    restore(tmp_path / "copy", tmp_path / "image", "20261123-120000")
    return await open_journal(tmp_path / "image")


def lost_part(stored):
    return stored[0].record.parts[0]


async def _tail(journal, after):
    return await journal.read(after, 1000)


async def test_a_restored_journal_takes_the_tail_and_counts_one_history(open_journal, tmp_path):
    lost, image = await _lost_and_image(open_journal, tmp_path)
    assert image.epochs.restored
    assert image.next_seq == 7
    await image.append([called(77)], cmd="c:own")
    before = image.fence
    await image.epochs.continue_above("fork", 6, await _tail(lost, 6), complete=True)
    assert (image.epochs.gap, image.epochs.opened.is_set()) == (None, True)
    assert image.epoch != lost.epoch
    assert image.fence > before
    history = await image.begin_history().read(0, 1000)
    subjects = [stored.record.subject for stored in await lost.read(0, 1000)]
    assert [one.record.subject for one in history if one.record.kind != "epoch.opened"] == [*subjects[1:], "t:77"]
    assert [one.record.seq for one in history] == list(range(1, len(history) + 1))
    births = [one.record.birth for one in history]
    assert len(births) == len(set(births))
    assert (await image.answer_to("c:3"))[0].birth == (await lost.answer_to("c:3"))[0].birth
    assert len(await image.answer_to("c:own")) == 1
    await image.close()
    assert verify(tmp_path / "image" / "journal.db").good


async def test_what_was_erased_after_the_image_stays_erased(open_journal, tmp_path):
    lost, image = await _lost_and_image(open_journal, tmp_path)
    named = (await image.read(2, 1))[0].record
    assert await image.open_part(named, named.parts[0]) == PERSON
    await image.epochs.continue_above("fork", 5, await _tail(lost, 5), complete=True)
    with pytest.raises(PartGone):
        await image.open_part(named, named.parts[0])


async def test_what_the_replaced_journal_erased_does_not_come_back_from_a_centre_that_has_not_heard(
    open_journal, tmp_path
):
    """The part is younger than the backup, and its erasing had not gone up when the backup was put back."""
    lost = await open_journal()
    await lost.append([called(1)])
    back_up(tmp_path / "j", tmp_path / "copy")
    [named] = await lost.append([issued(4, PERSON)])
    tail = await _tail(lost, 2)  # what the centre has
    assert any(named.parts[0] in stored.parts for stored in tail)
    await lost.erase(list(named.parts), "law", actor="system")
    await lost.close()
    restore(tmp_path / "copy", tmp_path / "j", "x")
    again = await open_journal()
    await again.epochs.continue_above("fork", 2, tail, complete=True)
    [came] = [stored for stored in await again.read(0, 100) if stored.record.birth == named.birth]
    assert (came.parts, came.gone) == ({}, named.parts)
    with pytest.raises(PartGone):
        await again.open_part(came.record, named.parts[0])
    await again.close()
    assert verify(tmp_path / "j" / "journal.db").good


async def test_decisions_on_the_old_history_are_refused_and_the_new_one_takes_them(open_journal, tmp_path):
    lost, image = await _lost_and_image(open_journal, tmp_path)
    old = image.history
    await image.epochs.continue_above("fork", 5, await _tail(lost, 5), complete=True)
    with pytest.raises(EpochChanged):
        await old.submit([called(9)], cmd="c:late")
    assert await image.answer_to("c:late") is None
    made = await image.begin_history().submit([called(9)], cmd="c:late")
    assert made[0].seq == image.history.head


async def test_the_gap_lasts_over_restarts_and_forbids_erasing_by_term(open_journal, tmp_path):
    lost, image = await _lost_and_image(open_journal, tmp_path)
    h = lost_part(await image.read(2, 1))
    with pytest.raises(GapMode):
        await image.erase([h], "term", actor="system")
    await image.close()
    image = await open_journal(tmp_path / "image")
    assert image.epochs.gap == Gap(RESTORED)
    await image.epochs.continue_above("fork", 5, (), complete=False)
    assert image.epochs.gap == Gap(LOST)
    await image.erase([h], "law", actor="system")
    await lost.epochs.fork_found()
    assert lost.epochs.gap == Gap(FORK)
    await lost.epochs.fork_was_none()
    assert lost.epochs.gap is None


async def test_a_new_epoch_is_all_or_nothing(open_journal, tmp_path, monkeypatch):
    lost, image = await _lost_and_image(open_journal, tmp_path)
    epoch, head = image.epoch, image.next_seq

    def refuse(*_):
        raise ValueError("in the middle")

    monkeypatch.setattr(new_epoch, "replay_erasures", refuse)
    with pytest.raises(ValueError, match="middle"):
        await image.epochs.continue_above("fork", 5, await _tail(lost, 5), complete=True)
    assert (image.epoch, image.next_seq, image.epochs.restored) == (epoch, head, True)
    await image.append([called(8)])
    await image.close()
    assert verify(tmp_path / "image" / "journal.db").good


async def test_what_a_restored_centre_may_have_lost_is_written_again(open_journal):
    journal = await open_journal()
    await journal.append([called(1), called(2), called(3)])
    await journal.save_mark(Mark(journal.epoch, 4, await journal.hash_at(4), 2))
    assert not await journal.epochs.meet("a" * 16, empty=True)
    await journal.epochs.continue_above("restore", 4, (), complete=True)
    await journal.append([called(4)])
    assert not await journal.epochs.meet("a" * 16, empty=True)
    assert not await journal.epochs.meet("b" * 16, empty=False)
    assert await journal.epochs.meet("c" * 16, empty=True)
    records = [stored.record for stored in await journal.read(0, 100)]
    assert [one.subject for one in records] == ["site", "t:2", "t:3", "t:4"]
    history = await journal.begin_history().read(0, 100)
    assert [one.record.subject for one in history] == ["site", "t:1", "site", "t:2", "t:3", "t:4"]
    assert records[0].body["common"] == 0
    assert records[0].body["chain"] == ZERO


async def test_snapshots_of_what_still_counts_survive_a_new_epoch(open_journal, tmp_path):
    _, image = await _lost_and_image(open_journal, tmp_path)
    await image.history.save_snapshot(4, b"four")
    await image.append([called(9)])
    await image.history.save_snapshot(6, b"six")
    await image.epochs.continue_above("fork", 5, (), complete=True)
    assert await image.begin_history().load_snapshot() == (4, b"four")


async def test_a_spoilt_copy_is_never_put_in_the_place_of_anything(open_journal, tmp_path):
    journal = await open_journal()
    await journal.append([called(n) for n in range(30)])
    await journal.close()
    back_up(tmp_path / "j", tmp_path / "copy")
    for folder in ("j", "copy"):
        db = apsw.Connection(str(tmp_path / folder / "journal.db"))
        db.execute("DROP TRIGGER records_keep")
        db.execute("UPDATE records SET raw = CAST(replace(raw, 'clerk:c01', 'clerk:c02') AS BLOB) WHERE pos = 9")
        db.close()
    with pytest.raises(BadCopy) as bad:
        back_up(tmp_path / "j", tmp_path / "good")
    assert (bad.value.seq, bad.value.why) == (9, "hash")
    assert not (tmp_path / "good" / "journal.db").exists()
    with pytest.raises(BadCopy):
        restore(tmp_path / "copy", tmp_path / "j", "x")
    assert not (tmp_path / "j" / "before-restore-x").exists()
    assert verify(tmp_path / "j" / "journal.db").first_bad == (9, "hash")


async def test_the_commands_say_what_they_did(open_journal, tmp_path):
    journal = await open_journal()
    await journal.append([called(1)])
    run = CliRunner()
    made = run.invoke(app, ["--lang", "en", "journal", "backup", str(tmp_path / "j"), str(tmp_path / "copy")])
    assert made.exit_code == 0, made.output
    assert "2 records" in made.output
    busy = run.invoke(app, ["--lang", "en", "journal", "restore", str(tmp_path / "copy"), str(tmp_path / "j")])
    assert busy.exit_code == 2
    with pytest.raises(JournalBusy):
        restore(tmp_path / "copy", tmp_path / "j", "x")
    await journal.close()
    done = run.invoke(app, ["--lang", "zh-Hans", "journal", "restore", str(tmp_path / "copy"), str(tmp_path / "j")])
    assert done.exit_code == 0, done.output
    assert "已恢复 2 条记录" in done.output
    assert len(list((tmp_path / "j").glob("before-restore-*/journal.db"))) == 1
    none = run.invoke(app, ["--lang", "en", "journal", "restore", str(tmp_path / "x"), str(tmp_path / "j")])
    assert none.exit_code == 2
    again = await open_journal()
    assert again.epochs.restored
