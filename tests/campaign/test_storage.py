"""Some dozen power cuts and failing calls, and proof that each check would have seen its mistake."""

from random import Random

import pytest

from tests.campaign.mutants import mutant
from tests.campaign.progress import Progress
from tests.campaign.storage.calls import attempts, try_all
from tests.campaign.storage.images import Platter
from tests.campaign.storage.months_kills import kill_lives
from tests.campaign.storage.power import SUBJECTS, cut_power, record_run
from tests.campaign.storage.trace import Link, Rename, Sync, SyncFolder, Unlink, Write

QUIET = Progress(quiet=True)


@pytest.mark.parametrize("name", SUBJECTS)
def test_no_promise_is_lost_with_the_power(name: str) -> None:
    outcome = cut_power(name, 20, 7, commits=20)
    assert outcome.broken == []
    assert outcome.points == 20
    assert set(outcome.images.values()) == {20}


@pytest.mark.parametrize("name", SUBJECTS)
def test_no_promise_is_lost_by_a_failing_call(name: str) -> None:
    outcome = try_all(attempts(name, 3, 251 if name == "months" else 151, commits=12), QUIET)
    assert outcome.broken == []
    assert outcome.attempts >= 10
    assert all(not one.endswith(" ") for one in outcome.fired), "every failure ordered has come"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("journal-synchronous-normal", "there is None"),
        ("journal-acknowledges-before-commit", "there is None"),
        ("months-name-not-synced", "segment"),
        ("months-forget-commands", "there is None"),
        ("months-file-goes-first", "segment"),
        ("centre-synchronous-normal", "is gone"),
        ("centre-extra-after-wal", "is gone"),
        ("centre-acknowledges-before-commit", "was acknowledged, there is None"),
    ],
)
def test_a_careless_store_is_caught(name: str, complaint: str) -> None:
    with mutant(name):
        outcome = cut_power(name.partition("-")[0], 40, 1, commits=10, enough=1)
    assert any(complaint in line for line in outcome.broken)


@pytest.mark.kill
def test_nothing_is_lost_by_kills_while_months_are_closed() -> None:
    outcome = kill_lives(3, 3, QUIET)
    assert outcome.broken == []
    assert outcome.kills == 3
    assert outcome.stored > 40


@pytest.mark.kill
def test_a_closing_that_notes_too_late_is_caught_by_kills() -> None:
    outcome = kill_lives(40, 1, QUIET, careless="months-note-later", enough=1)
    assert any("cmd" in line or "there is None" in line for line in outcome.broken)


def test_the_same_seed_cuts_the_same_disks() -> None:
    """SQLite draws its own salts, so the bytes may differ; calls, places and lengths do not."""
    calls = [
        [(type(event), *(len(one) if isinstance(one, bytes) else one for one in event)) for event in trace.events]
        for trace in (record_run(SUBJECTS["centre"], 5, 6) for _ in range(2))
    ]
    assert calls[0] == calls[1]


def images(*events: object) -> dict[str, dict[str, bytes]]:
    platter = Platter()
    platter.play(events)  # type: ignore[arg-type]
    return {kind: platter.image(kind, Random(1)) for kind in ("lost", "torn")}  # type: ignore[arg-type]


def test_what_was_synced_stays_and_the_last_write_may_be_torn() -> None:
    written = [Link("a", 1), Write(1, 0, b"safe"), Sync(1), Write(1, 4, b"0123456789")]
    found = images(*written)
    assert found["lost"] == {"a": b"safe"}
    assert found["torn"]["a"].startswith(b"safe")
    assert len(found["torn"]["a"]) < 14


def test_a_failed_sync_keeps_nothing_for_the_next_one() -> None:
    assert images(Link("a", 1), Sync(1), Write(1, 0, b"gone"), Sync(1, failed=True), Sync(1))["lost"] == {"a": b""}


def test_a_name_outlives_the_failed_sync_of_its_bytes_once_its_folder_is_safe() -> None:
    events = [Link("a", 1), Write(1, 0, b"gone"), Sync(1, failed=True), Write(1, 0, b"kept"), Sync(1)]
    assert images(*events)["lost"] == {"a": b"kept"}
    assert images(*events[:3])["lost"] == {}
    assert images(*events[:3], SyncFolder())["lost"] == {"a": b""}


def test_names_are_safe_with_their_folder_only() -> None:
    made = [Link("a", 1), Write(1, 0, b"x"), Sync(1), Rename("a", "b", 1)]
    assert images(*made)["lost"] == {"a": b"x"}
    assert images(*made, SyncFolder())["lost"] == {"b": b"x"}
    assert images(*made, SyncFolder(), Unlink("b", 1))["lost"] == {"b": b"x"}
