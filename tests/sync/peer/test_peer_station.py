"""The peer's station with `hall-centre` over mosquitto: everything that the page lets a site do, and every NACK."""

import ast
import copy
from pathlib import Path

import pytest

from tests.sync.peer import words
from tests.sync.peer.line import Line, converse
from tests.sync.peer.station import PeerStation

HERE = Path(__file__).parent
SITE = "LH-0042"


@pytest.mark.parametrize("module", ["words", "station", "centre", "line"])
def test_the_peer_is_independent(module):
    tree = ast.parse((HERE / f"{module}.py").read_text("utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert not [name for name in names if name.split(".")[0] in ("sync", "edge")]


@pytest.fixture
def place(mosquitto, centre_at):
    mosquitto.start()
    centre = centre_at(mosquitto.url)
    centre.start()
    centre.wait_ready()
    lines = []

    def dial(station):
        station.cid = "0" * 16
        will = station.birth(False)
        topics = [words.topic(SITE, f"d/{name}") for name in "axf"]
        lines.append(Line(mosquitto.port, SITE, topics, will))
        lines[-1].send(station.connect())
        return lines[-1]

    yield centre, dial
    for line in lines:
        line.close()


def drain(station, line):
    converse(station, line, lambda: station.settled, station.silence)


def facts(station):
    return len(set(station.births()))


def whole(centre, *, missing=0):
    found = centre.report(SITE)
    assert (found["missing"], found["duplicates"], found["broken"]) == (missing, 0, 0)
    return found


def busy(station, count=150):
    station.key("k:1", b"wrapped" * 10)
    for number in range(count):
        station.note("ticket.called", {"n": number}, parts=(b"part %d" % number * 50,) if number % 3 == 0 else ())
    return station


@pytest.mark.broker
@pytest.mark.kill
def test_batches_parts_gone_files_and_quarantine(place):
    centre, dial = place
    station = busy(PeerStation(SITE))
    station.erase(next(iter(station.parts)))
    station._write("part.erased", {"h": "no list", "why": "law"}, "site")
    for data in (b"", b"page" * 90_000, bytes(1_600_000)):
        station.files[words.sha256(data)] = data
    line = dial(station)
    drain(station, line)
    found = whole(centre)
    assert found["records"] == facts(station)
    assert (station.held, [reason for _, _, reason in station.bad]) == (1, ["body"])
    assert station.nacks == []
    for digest, data in station.files.items():
        assert (centre.db.parent / "files" / SITE / digest[:2] / digest).read_bytes() == data
    station.out = station.sent = 0  # all of it again: nothing happens twice
    line.send(station.pump())
    converse(station, line, lambda: station.out == 0)
    assert whole(centre) == found


@pytest.mark.broker
@pytest.mark.kill
def test_a_restarted_centre_and_every_nack(place):
    centre, dial = place
    station = busy(PeerStation(SITE), 20)
    line = dial(station)
    drain(station, line)
    centre.kill()
    centre.start()
    centre.wait_ready()
    good = copy.deepcopy(station.records[-1])
    station.note("ticket.called", {"n": 1})
    line.send(station.pump())
    converse(station, line, lambda: station.settled and station.nacks, station.silence)
    assert station.nacks == ["hello"]

    def answer_to(message):
        station.nacks.clear()
        out = words.Out(words.topic(SITE, "u/j"), message if isinstance(message, bytes) else words.canonical(message))
        line.send([out])
        converse(station, line, lambda: station.nacks)
        station.greeted = True
        return station.nacks[-1]

    def batch(record, **more):
        return {"m": "batch", "cid": station.cid, "records": [record], **more}

    tip = station.records[-1]
    following = {**tip, "seq": tip["seq"] + 1, "prev": tip["hash"]}
    assert answer_to(batch(words.finish({**following, "seq": tip["seq"] + 2}))) == "gap"
    assert answer_to(batch({**following, "hash": words.ZERO})) == "hash"
    assert answer_to(batch(words.finish({**following, "epoch": "0" * 16}))) == "foreign"
    assert answer_to(batch(words.finish({**following, "site": "LH-0001"}))) == "foreign"
    assert answer_to(batch(words.finish({**following, "at": "today"}))) == "format"
    assert answer_to(batch(words.finish({**following, "sealed": [{"h": "ab" * 32}]}))) == "format"
    entry = {"kid": "k", "alg": "aes-256-gcm", "nonce": "AAAA", "h": "ab" * 32}
    naming = words.finish({**following, "sealed": [entry]})
    assert answer_to(batch(naming)) == "format"
    assert answer_to(batch(naming, parts={"ab" * 32: words.b64(b"other")})) == "hash"
    assert answer_to(batch(words.finish({**following, "body": {"x": "y" * 131_072}}))) == "size"
    assert answer_to(b"{" + b" " * 262_144) == "size"
    assert answer_to(words.squeeze(bytes(50_000_000))) == "size"
    assert answer_to(b"{") == "format"
    assert answer_to(batch(words.finish({**following, "kind": "epoch.opened"}))) == "format"
    assert answer_to(batch(words.finish({**following, "prev": "ab" * 32}))) == "chain"
    assert answer_to(batch(words.finish({**good, "subject": "another"}))) == "chain"
    line.send([station.hello()])
    station.greeted = False
    drain(station, line)
    assert whole(centre)["records"] == facts(station)


@pytest.mark.broker
@pytest.mark.kill
def test_a_fork_with_its_tail_and_a_hole(place):
    centre, dial = place
    station = busy(PeerStation(SITE), 40)
    line = dial(station)
    drain(station, line)
    image = copy.deepcopy(station)
    busy(station, 400).note("ticket.called", {"long": "x"}, parts=(bytes(90_000),))
    drained = station.births()
    line.send(station.pump())
    drain(station, line)
    line.close()

    image.random.seed(99)
    image.boot()
    image.note("ticket.called", {"after": "the restore"})
    line = dial(image)
    drain(image, line)
    assert image.forks == 1
    assert set(drained) <= set(image.births()) | {words.birth(station.records[0])}
    assert bytes(90_000) in image.parts.values()
    opened = 1
    found = whole(centre)
    assert found["epochs"] == 1 + opened
    assert found["records"] == facts(image)
    line.close()

    for number in range(10):
        image.note("ticket.called", {"kept": "not long", "n": number})
    image.forget_below(image.next - 3)
    image.boot()
    line = dial(image)
    drain(image, line)
    assert whole(centre, missing=7)["alarms"] == 1
