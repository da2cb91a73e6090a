"""Small runs of the topics that need no whole station, and the command itself."""

import json
from functools import partial
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

import bench.__main__ as program
from bench.broker import mosquitto
from bench.desk import Desk
from bench.peers.queues import KINDS
from bench.rows import Row
from bench.topics import call, centre, decide, feeds, files, fleet, host, idle, journal, link, record
from bench.windows import Press

SMALL_DECIDE = partial(decide.measure, days=1, turns=12, waiting=20)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, lambda line: None)


def ratio_fits(row: Row) -> bool:
    """Of a row with a peer, whichever way it counts."""
    assert row.peer_value is not None
    assert row.ratio is not None
    quotient = row.value / row.peer_value if row.unit == "1/s" else row.peer_value / row.value
    return row.ratio == pytest.approx(quotient, rel=2e-3)


async def test_decide(desk: Desk) -> None:
    rows = await SMALL_DECIDE(desk)
    assert [row.name for row in rows[:-1]] == [
        f"decide: {what}, 20 waiting{whom}, {name}"
        for whom in ("", " of all classes")
        for what in ("call next", "issue a ticket")
        for name in ("p50", "p99")
    ]
    assert rows[-1].name == "decide: a day of 240 records folded, p50 of 5"
    assert all(row.peer is None and 0 < row.value < 1e6 for row in rows)
    assert rows[0].value <= rows[1].value


async def test_as_many_wait_after_a_turn_as_before() -> None:
    hall = decide.crowded(20)
    decide._turn(hall, 3)
    waiting = [ticket for ticket in hall.state.tickets.values() if ticket.state == "waiting"]
    assert len(waiting) == 20


async def test_journal(desk: Desk) -> None:
    rows = await journal.measure(desk, rounds=1, appends=60, verified=((300, 2),), months=(3, 120))
    beside = [row for row in rows if row.peer]
    assert len(beside) == 6
    assert all(ratio_fits(row) for row in beside)
    assert [row.name.removeprefix("journal: ") for row in rows[6:]] == [
        "verify, 300 records",
        "verify, 300 records, whole",
        "a record on disk, with indexes, of 300",
        "361 records, 240 in 2 closed months: written and closed",
        "361 records, 240 in 2 closed months: verify, rate",
        "361 records, 240 in 2 closed months: verify, whole",
        "361 records, 240 in 2 closed months: a record in the file of a month",
    ]


@pytest.mark.broker
async def test_link(desk: Desk) -> None:
    rows = await link.measure(desk, [link.Backlog(300, 1, 1)])
    assert [(row.name, row.peer) for row in rows] == [("link: drain 300", link.PROMISES[kind]) for kind in KINDS]
    assert all(ratio_fits(row) for row in rows)


def test_a_library_that_was_stopped_is_said_to_be() -> None:
    sides = {"ours": link.Drained([9000.0]), "litequeue": link.Drained([40.0], stopped=(100.2, 4_008))}
    row = link._row("10k", sides, "litequeue")
    assert (row.peer_value, row.ratio) == (40.0, 225.0)
    assert row.peer is not None
    assert row.peer.endswith("stopped after 100 s at 4,008 records")


@pytest.mark.broker
async def test_the_limit_ends_a_library_where_it_is(desk: Desk) -> None:
    async with mosquitto(desk.folder) as port:
        raws = [b'{"n":%d}' % number for number in range(2_000)]
        seconds, records = await link._peers(desk.folder, port, "litequeue", raws, 0.4)
    assert 0.4 <= seconds < 10
    assert records < len(raws)


@pytest.mark.broker
@pytest.mark.kill
async def test_fleet(desk: Desk) -> None:
    rows = {row.name: row.value for row in await fleet.measure(desk, fleets=(12,), idle_s=0.3)}
    assert rows["fleet 12: connected, greeted, 4 records each drained"] > 0
    assert rows["fleet 12: all drained after a restart of the broker"] > 0
    for who in ("stations", "broker", "centre"):
        assert rows[f"fleet 12: {who}, memory (RSS)"] > 0


@pytest.mark.broker
@pytest.mark.kill
async def test_files(desk: Desk) -> None:
    row, *costs = await files.measure(desk, sizes=((150_000, 3),), rounds=1)
    assert [one.name.rsplit(", ", 1)[1] for one in costs] == ["station", "broker", "centre"]
    assert row.name == "files: 3 of 0.15 MB up, in chunks of 64 KB"
    assert row.peer_value is not None
    assert row.ratio == pytest.approx(row.value / row.peer_value, rel=2e-3)


async def test_feeds(desk: Desk) -> None:
    rows = await feeds.measure(desk, count=40, rounds=1)
    assert [row.peer for row in rows] == ["target"] * 3
    assert all(ratio_fits(row) for row in rows)


def test_call_rows_tell_repeated_presses_apart() -> None:
    quick, again = Press(0.020, 0.0104, 1), Press(0.540, 0.0104, 2)
    rows = {row.name: row for row in call.rows([quick, quick, again, again], [quick, quick, quick, again])}
    assert rows["call: press to panel, p99"].value == 540.0
    assert rows["call: press to panel, line free, p99"].value == 20.0
    assert rows["call: presses said again after a collision on the line"].value == 50.0
    assert rows["call: the same at the hand-written loop"].value == 25.0
    assert rows["call: of it the key's report on the line at 9600 baud"].value == 10.4


def test_the_box_is_the_sum_of_its_programs() -> None:
    rows = idle.rows({"halld": idle.Cost(1.0, 100.0, 120.0), "hall-kiosk": idle.Cost(0.5, 92.0, 130.0)})
    assert (rows[-1].value, rows[-1].peer_value, rows[-1].ratio) == (192.0, 1536.0, 8.0)
    assert rows[-2].value == 1.5


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Typer:
    monkeypatch.setattr(program, "TOPICS", {"decide": SMALL_DECIDE})
    app = Typer()
    app.command()(program.run)
    return app


def test_json_is_one_object_a_row_and_nothing_else(command: Typer) -> None:
    result = CliRunner().invoke(command, ["decide", "--json"])
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(rows) == 9
    assert all(list(row) == ["name", "value", "unit", "peer", "peer_value", "ratio"] for row in rows)
    assert "load average" in result.stderr
    assert "decide: " in result.stderr


def test_all_topics_make_one_table_that_names_the_machine(command: Typer) -> None:
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 0
    assert "decide: call next, 20 waiting, p99" in result.stdout
    assert "load average" in " ".join(result.stdout.split()), "a narrow terminal may break the line anywhere"


def test_a_topic_nobody_knows_is_named(command: Typer) -> None:
    result = CliRunner().invoke(command, ["speed"])
    assert result.exit_code == 2
    assert "no topic 'speed'" in result.stderr


def test_host_rows() -> None:
    ours = host.Side([3.0, 2.0, 4.0], (2.0, 80.0, 100.0))
    rows = host.rows(ours, host.Side([1.0, 1.5, 2.0], (1.0, 20.0, 50.0)), 50)
    assert rows[0].name == "host: exec to all 50 devices ready, p50 of 3"
    assert [row.ratio for row in rows[:4]] == [0.5, 0.5, 0.25, 0.5]
    assert all(ratio_fits(row) for row in rows[:3])
    assert rows[4].value == 2.0


def test_a_played_hall_counts_each_device_once_it_is_well() -> None:
    hall = host.PlayedHall(["a", "b"])
    for device, state in (("a", "starting"), ("b", "ready"), ("x", "ready")):
        hall._hear({"m": "health", "device": device, "health": {"state": state}})
    assert hall.missing() == ["a"]
    hall._hear({"m": "health", "device": "a", "health": {"state": "warning"}})
    assert hall.ready.is_set()


@pytest.mark.broker
@pytest.mark.kill
async def test_centre(desk: Desk) -> None:
    rows = await centre.measure(desk, each=130, rounds=1)
    assert [row.name.split(",")[0] for row in rows[:2]] == [
        "centre: records committed",
        "centre: processor time a record",
    ]
    assert len(rows) == 6
    assert all(row.value > 0 for row in rows)


@pytest.mark.broker
@pytest.mark.kill
async def test_record(desk: Desk) -> None:
    rows = await record.measure(desk, records=300, rounds=1)
    *three, together, budget = rows
    assert [row.name for row in three] == [f"record: processor time, {end}" for end in ("station", "broker", "centre")]
    assert together.value == budget.value == pytest.approx(sum(row.value for row in three), rel=1e-2)
    assert together.peer_value == pytest.approx(sum(row.peer_value or 0 for row in three), rel=1e-2)
