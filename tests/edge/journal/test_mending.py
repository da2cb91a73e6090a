"""A damaged journal goes on in an epoch of its own: what still verifies is there, what does not is named and kept."""

import contextlib
import shutil
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.journal import JournalBusy, JournalDamaged, PartGone
from edge.journal.epochs import LOST, RESTORED
from edge.journal.mending import mend_now
from edge.journal.verify import verify
from tests.edge.journal.material import Opener, called, issued
from tests.edge.journal.test_damage import change, replace, swap

PERSON = {"name": "张测试"}


@pytest.fixture
async def folder(open_journal: Opener, tmp_path: Path) -> Path:
    """Twelve records: the opening, nine calls, a key and a ticket with a sealed name."""
    journal = await open_journal()
    for n in range(9):
        await journal.append([called(n)], cmd=f"cmd-{n:04d}")
    await journal.append([issued(50, PERSON)], cmd="cmd-0050")
    await journal.close()
    return tmp_path / "j"


async def test_a_changed_record_is_named_and_everything_else_goes_on(folder: Path, open_journal: Opener) -> None:
    change(folder, replace(5, '"w1"', '"w2"'))
    bytes_then = (folder / "journal.db").read_bytes()
    made = mend_now(folder)
    assert (made.sound, made.carried, made.broken) == (4, 7, (5,))
    assert (made.aside / "journal.db").read_bytes() == bytes_then
    assert verify(folder / "journal.db").good
    journal = await open_journal()
    assert journal.epochs.gap is not None
    assert journal.epochs.gap.why == LOST
    history = [one.record for one in await journal.history.read(0, 100)]
    told = [(one.kind, one.subject) for one in history]
    assert told[:4] == [("epoch.opened", "site"), *(("ticket.called", f"t:{n}") for n in range(3))]
    assert [kind for kind, _ in told[4:6]] == ["epoch.opened", "record.broken"]
    assert told[6:] == [
        *(("ticket.called", f"t:{n}") for n in range(4, 9)),
        ("key.issued", "t:50"),
        ("ticket.issued", "t:50"),
    ]
    opened, broken = history[4], history[5]
    assert (opened.body["why"], opened.body["common"], opened.body["chain"]) == ("broken", 4, history[3].hash)
    assert (broken.body["epoch"], broken.body["seq"]) == (opened.body["from"], 5)
    assert b'"w2"' in b64decode(broken.body["raw"])
    assert await journal.open_part(history[-1], history[-1].parts[0]) == PERSON
    assert len(await journal.answer_to("cmd-0007") or ()) == 1  # nothing is done twice
    assert len(await journal.append([called(99)], cmd="cmd-0099")) == 1


@pytest.mark.parametrize(
    ("statements", "sound", "broken"),
    [
        (("DELETE FROM records WHERE pos = 6",), 5, (6,)),
        (swap(4, 9), 3, (4, 9)),
        ((replace(3, '"w1"', '"w2"'), replace(8, '"w1"', '"w2"')), 2, (3, 8)),
    ],
)
async def test_every_damage_goes_on(
    folder: Path, open_journal: Opener, statements: tuple[str, ...], sound: int, broken: tuple[int, ...]
) -> None:
    change(folder, *statements)
    with pytest.raises(JournalDamaged):
        await open_journal()
    made = mend_now(folder)
    assert (made.sound, made.carried, made.broken) == (sound, 12 - sound - len(broken), broken)
    journal = await open_journal()
    assert len(await journal.append([called(99)])) == 1
    await journal.close()
    assert verify(folder / "journal.db").good


async def test_a_journal_cut_short_goes_on_as_a_restored_one(folder: Path, open_journal: Opener) -> None:
    change(folder, "DELETE FROM records WHERE pos > 8")
    epoch = (folder / "journal.head").read_text("ascii").split()[1]
    made = mend_now(folder)
    assert (made.sound, made.carried) == (8, 0)
    journal = await open_journal()
    assert journal.epoch == epoch  # the centre answers HELLO under it with what was cut off
    assert journal.epochs.gap is not None
    assert journal.epochs.gap.why == RESTORED


async def test_a_broken_part_is_gone_by_record(folder: Path, open_journal: Opener) -> None:
    change(folder, replace(5, '"w1"', '"w2"'), "UPDATE parts SET blob = CAST('x' AS BLOB)")
    mend_now(folder)
    assert verify(folder / "journal.db").good
    journal = await open_journal()
    history = [one.record for one in await journal.history.read(0, 100)]
    assert (history[-1].kind, history[-1].body["why"]) == ("part.erased", "broken")
    with pytest.raises(PartGone):
        await journal.open_part(history[-2], history[-2].parts[0])


@pytest.mark.parametrize("whole", [True, False])
async def test_what_cannot_be_mended_is_left_for_a_restore(folder: Path, whole: bool) -> None:
    if whole:
        (folder / "journal.db").write_bytes(b"no database at all" * 500)
    else:
        change(folder, replace(1, '"site"', '"sitf"'))
    before = (folder / "journal.db").read_bytes()
    with pytest.raises(JournalDamaged):
        mend_now(folder)
    assert (folder / "journal.db").read_bytes() == before
    assert list(folder.glob("broken-*")) == []


async def test_a_mending_or_restore_cut_off_anywhere_never_starts_empty(
    folder: Path, open_journal: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies before each renaming in turn; what is there then opens, is damage, or is mended again."""
    change(folder, replace(5, '"w1"', '"w2"'))
    for step in range(4):
        here = folder.with_name(f"step-{step}")
        shutil.copytree(folder, here)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", _dying_at(step))
            with contextlib.suppress(InterruptedError):
                mend_now(here)
        try:
            journal = await open_journal(here)
        except JournalDamaged:
            continue
        assert journal.next_seq > 5  # all of it, not a new one


def _dying_at(step: int) -> Callable[[Path, Path], Path]:
    left = iter(range(step))
    real = Path.replace

    def replace_or_die(self: Path, target: Path) -> Path:
        if next(left, None) is None:
            raise InterruptedError
        return real(self, target)

    return replace_or_die


async def test_the_command_says_what_was_kept_and_waits_for_halld(folder: Path, open_journal: Opener) -> None:
    journal = await open_journal()
    with pytest.raises(JournalBusy):
        mend_now(folder)
    await journal.close()
    change(folder, replace(5, '"w1"', '"w2"'))
    told = CliRunner().invoke(app, ["--lang", "zh-Hans", "journal", "mend", str(folder)])
    assert (told.exit_code, "损坏 1 条" in told.output) == (0, True), told.output
