"""Bundles between two ends: each once and in order, whatever happens on the way; what is wrong is kept and said."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.journal import Journal, KeyRing
from edge.spool import bundle, sending, taking
from edge.spool.folder import BadSpool, Folder
from sync.protocol import canonical, signing
from tests.edge.journal.material import BOOT, SITE, ZONE, TurnedClock
from tests.edge.spool.ends import AT, BY, accepted, answer, answers_in, drafts, pair, taken


@pytest.fixture
def ends(tmp_path: Path) -> tuple[Folder, Folder]:
    return pair(tmp_path)


@pytest.fixture
def carrier(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


async def journal_with(folder: Path, *batches) -> Path:
    journal = await Journal.open(
        folder, site=SITE, boot=BOOT, clock=TurnedClock(), zone=ZONE, random_bytes=os.urandom, keys=KeyRing(bytes(32))
    )
    for n, batch in enumerate(batches):
        await journal.append(batch, cmd=f"cmd-{n}-{os.urandom(4).hex()}")
    await journal.close()
    return folder / "journal.db"


def sent(folder: Folder, carrier: Path, journal: Path | None = None) -> sending.Sent:
    with folder.locked():
        return sending.export(folder, carrier, journal=journal, at=AT, by=BY)


def outside(ends, carrier, *counts: int) -> list[Path]:
    """Bundles of the outer end, one for each count of answers."""
    _, outer = ends
    for n, count in enumerate(counts):
        answers_in(outer, f"web-{n}.jsonl", *(answer() for _ in range(count)))
        sent(outer, carrier)
    return sorted(carrier.glob("*.json"))


def why(told: taking.Taken) -> list[str]:
    return [each[1] for each in told.refused]


async def test_the_hall_is_told_outside_each_record_once(ends, carrier, tmp_path) -> None:
    inner, outer = ends
    file = await journal_with(tmp_path / "j", drafts())
    first = sent(inner, carrier, file)
    assert (first.bundles, first.held) == (1, 0)
    assert sent(inner, carrier, file).bundles == 0
    told = taken(outer, carrier)
    assert (told.bundles, told.items, told.refused) == (1, first.items, [])
    kinds = [item["kind"] for item in accepted(outer)]
    assert (kinds.count("ticket.issued"), kinds.count("case.stepped")) == (1, 1)
    assert "site.configured" not in kinds
    again = taken(outer, carrier)
    assert (again.bundles, again.twice) == (0, 1)
    await journal_with(tmp_path / "j", drafts()[:8])
    sent(inner, carrier, file)
    assert taken(outer, carrier).bundles == 1
    assert [line["act"] for line in outer.log()] == ["taken", "twice", "taken", "twice"]


async def test_what_does_not_fit_stays_and_the_rest_goes(ends, carrier, tmp_path) -> None:
    inner, outer = ends
    called = next(draft for draft in drafts() if draft.kind == "ticket.called")
    forged = called.model_copy(update={"body": called.body.model_copy(update={"window": "13800138000"})})
    file = await journal_with(tmp_path / "j", [forged, called])
    assert sent(inner, carrier, file).held == 1
    held = inner.log()[0]
    assert (held["act"], held["kind"], held["field"]) == ("held", "ticket.called", "window")
    assert b"13800138000" not in b"".join(path.read_bytes() for path in carrier.iterdir())
    assert b"13800138000" not in (inner.path / "log.jsonl").read_bytes()
    assert taken(outer, carrier).items == 1


async def test_a_journal_that_was_put_back_is_not_exported(ends, carrier, tmp_path) -> None:
    inner, _ = ends
    sent(inner, carrier, await journal_with(tmp_path / "j", drafts()))
    other = await journal_with(tmp_path / "k", drafts()[:3])
    with pytest.raises(BadSpool) as bad:
        sent(inner, carrier, other)
    assert bad.value.why == "other_journal"


def test_a_gap_waits_and_is_named(ends, carrier) -> None:
    inner, outer = ends
    one, two, three = outside(ends, carrier, 1, 2, 3)
    raw = two.read_bytes()
    two.unlink()
    told = taken(inner, carrier)
    assert (told.bundles, told.early, told.missing) == (1, [3], 2)
    with outer.locked():
        assert sending.again(outer, carrier, 2, at=AT, by=BY) == 2
    assert two.read_bytes() == raw
    assert (taken(inner, carrier).items, len(accepted(inner))) == (5, 6)
    assert one.exists()
    assert three.exists()


@pytest.mark.parametrize("place", ["level", "n", "prev", "sig", "space", "cut"])
def test_whatever_is_altered_is_refused_and_kept(ends, carrier, place: str) -> None:
    inner, _ = ends
    (path,) = outside(ends, carrier, 1)
    raw = path.read_bytes()
    found = json.loads(raw)
    if place == "level":
        changed = raw.replace(b'"satisfied"', b'"very_dissatisfied"')
    elif place in ("space", "cut"):
        changed = raw + b" " if place == "space" else raw[:-7]
    else:
        other = {"n": 2, "prev": "1" * 64, "sig": found["sig"][:-8] + "AAAAAA=="}[place]
        changed = canonical.encode(found | {place: other})
    path.write_bytes(changed)
    told = taken(inner, carrier)
    assert why(told) == ["form" if place in ("space", "cut") else "signature"]
    assert [kept.read_bytes() for kept in inner.quarantine.iterdir()] == [changed]
    assert accepted(inner) == []
    path.write_bytes(raw)
    assert taken(inner, carrier).bundles == 1


def forge(outer: Folder, path: Path, **changes) -> None:
    """Signed by the right key, but not by the right program."""
    found = {name: value for name, value in json.loads(path.read_bytes()).items() if name not in ("key", "sig")}
    made = signing.sign(found | changes, key=outer.mine.name, private=outer.key())
    path.write_bytes(canonical.encode(made))


def test_a_signed_bundle_with_something_forbidden_is_refused_whole(ends, carrier) -> None:
    inner, outer = ends
    (path,) = outside(ends, carrier, 2)
    items = json.loads(path.read_bytes())["items"]
    items[1]["body"]["text"] = "张测试 13800138000"
    forge(outer, path, items=items)
    told = taken(inner, carrier)
    assert told.refused[0][1:] == ("forbidden", "fields")
    assert accepted(inner) == []
    with inner.locked():
        taking.skip(inner, 1, at=AT, by=BY)
        with pytest.raises(BadSpool):
            taking.skip(inner, 9, at=AT, by=BY)
    assert inner.log()[-1]["act"] == "skipped"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"to": "outer-1"}, "addressee"), ({"way": "out"}, "addressee"), ({"from": "x"}, "addressee"),
     ({"n": 0}, "form"), ({"form": "hall-spool/2"}, "form"), ({"items": {}}, "form")],
)  # fmt: skip
def test_a_bundle_for_somebody_else_is_refused(ends, carrier, changes, reason) -> None:
    (path,) = outside(ends, carrier, 1)
    forge(ends[1], path, **changes)
    assert why(taken(ends[0], carrier)) == [reason]


def test_a_second_version_of_a_number_and_a_broken_chain_are_seen(ends, carrier) -> None:
    inner, outer = ends
    (path,) = outside(ends, carrier, 1)
    taken(inner, carrier)
    forge(outer, path, items=[])
    assert why(taken(inner, carrier)) == ["second_version"]
    forge(outer, path, n=2, prev="2" * 64)
    assert why(taken(inner, carrier)) == ["chain"]


def test_what_is_no_file_of_ours_is_refused(ends, carrier, tmp_path) -> None:
    inner, _ = ends
    (tmp_path / "secret").write_text("x")
    (carrier / "link.json").symlink_to(tmp_path / "secret")
    os.mkfifo(carrier / "pipe.json")
    (carrier / "large.json").write_bytes(b"{" * (bundle.MAX_BYTES + 50))
    (carrier / "deep.json").write_bytes(b"[" * 90_000)
    told = taken(inner, carrier)
    assert {(file, reason) for file, reason, _ in told.refused} == {
        ("link.json", "no_file"),
        ("pipe.json", "no_file"),
        ("large.json", "too_large"),
        ("deep.json", "form"),
    }
    assert all(kept.stat().st_size <= bundle.MAX_BYTES + 1 for kept in inner.quarantine.iterdir())


def test_answers_that_do_not_fit_stay_outside(ends, carrier) -> None:
    _, outer = ends
    answers_in(
        outer, "web.jsonl", answer(), answer(text="张测试"), answer("wonderful"), answer() | {"nonce": "13800138000"}
    )
    told = sent(outer, carrier)
    assert (told.items, told.held) == (1, 3)
    assert list(outer.answers.iterdir()) == []


def test_a_cut_between_bundle_and_marks_sends_nothing_twice(ends, carrier, monkeypatch) -> None:
    inner, outer = ends
    answers_in(outer, "web.jsonl", answer())
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "keep_marks", _fails)
        with pytest.raises(OSError, match="power"):
            sent(outer, carrier)
    sent(outer, carrier)
    sent(outer, carrier)
    assert taken(inner, carrier).items == len(accepted(inner)) == 1


def test_a_cut_between_acceptance_and_marks_takes_nothing_twice(ends, carrier, monkeypatch) -> None:
    inner, _ = ends
    outside(ends, carrier, 2)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "keep_marks", _fails)
        with pytest.raises(OSError, match="power"):
            taken(inner, carrier)
    taken(inner, carrier)
    assert len(accepted(inner)) == 2
    assert [line["act"] for line in inner.log()] == ["taken"]


def test_an_altered_or_shortened_log_stops_everything(ends, carrier) -> None:
    inner, _ = ends
    outside(ends, carrier, 1, 1)
    taken(inner, carrier)
    path = inner.path / "log.jsonl"
    whole = path.read_bytes()
    for changed in (whole.replace(b'"t01"', b'"t02"', 1), whole[: whole.index(b"\n") + 1]):
        path.write_bytes(changed)
        with pytest.raises(BadSpool) as bad:
            taken(inner, carrier)
        assert bad.value.why == "log_altered"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(order=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["whole", "altered", "cut"])), max_size=30))
def test_any_order_of_carrying_takes_each_item_once(order, tmp_path_factory) -> None:
    root = tmp_path_factory.mktemp("any")
    ends, made = pair(root), root / "made"
    made.mkdir()
    inner = ends[0]
    paths = outside(ends, made, 1, 2, 1, 3, 1, 1)
    expected = [item for path in paths for item in json.loads(path.read_bytes())["items"]]
    for n, (which, how) in enumerate([*order, *((n, "whole") for n in range(len(paths)))]):
        stick = root / f"stick-{n}"
        stick.mkdir()
        raw = paths[which].read_bytes()
        broken = raw[:200] if how == "cut" else raw.replace(b'"satisfied"', b'"dissatisfied"')
        (stick / "b.json").write_bytes(raw if how == "whole" else broken)
        taken(inner, stick)
        assert accepted(inner) == expected[: len(accepted(inner))]
    assert accepted(inner) == expected


def _fails(*_args: object) -> None:
    raise OSError("power cut")
