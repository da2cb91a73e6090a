"""The peer against the page's vectors, then its two ends with one another: a peer that is wrong proves nothing."""

import copy
import json
import random
from pathlib import Path

import pytest

from tests.sync.peer import words
from tests.sync.peer.centre import PeerCentre
from tests.sync.peer.station import PeerStation

VECTORS = Path(__file__).parent.parent / "vectors"


def vectors(name):
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def test_canonical_bytes_and_refused_json():
    for case in vectors("canonical")["canonical"]:
        assert words.canonical(case["value"]).hex() == case["utf8_hex"]
        assert words.parse(bytes.fromhex(case["utf8_hex"])) == case["value"]
    for text in vectors("canonical")["refused_json"]:
        with pytest.raises(words.Wrong):
            words.parse(text.encode())


def test_records_heads_and_topics():
    for case in vectors("records")["records"]:
        words.check_form(case["record"])
        assert words.hash_of(case["record"]) == case["hash"]
    for case in vectors("heads")["heads"]:
        assert words.head_seqs(case["next"], case["floor"]) == case["seqs"]
    for tail, topic in vectors("names")["topics"].items():
        assert words.topic("LH-0042", tail) == topic


def test_chunk_and_bitmap():
    case = vectors("files")
    data = bytes.fromhex(case["chunk"]["data_hex"])
    assert words.chunk(data, 65_536, 0).hex() == case["chunk"]["payload_hex"]
    assert words.open_chunk(bytes.fromhex(case["chunk"]["payload_hex"])) == (words.sha256(data), 0, data)
    assert words.bitmap(case["bitmap"]["wanted"], 20) == case["bitmap"]["base64"]
    assert words.chosen(case["bitmap"]["base64"], 20) == case["bitmap"]["wanted"]


@pytest.mark.parametrize("case", vectors("messages")["batches"], ids=lambda case: str(case["why"]))
def test_batches_get_their_word(case):
    first = case["message"]["records"][0]
    centre = PeerCentre()
    hello = {"m": "hello", "cid": case["message"]["cid"], "site": "LH-0042", "epoch": first["epoch"], "next": 7}
    hello |= {"floor": 2, "heads": [[1, first["prev"]]], "boot": "b0" * 8, "up": 1}
    [welcome] = centre.receive(words.topic("LH-0042", "u/h"), words.canonical(hello), 1)
    assert words.parse(welcome.payload)["m"] == "welcome"
    [answer] = centre.receive(words.topic("LH-0042", "u/j"), words.canonical(case["message"]), 1)
    message = words.parse(answer.payload)
    assert message.get("why") == case["why"]
    assert message["m"] == ("ack" if case["why"] is None else "nack")


def test_the_tail():
    case = vectors("tail")["tail"]
    records, _ = words.read_tail(case["file_utf8"].encode(), "LH-0042")
    assert len(records) == case["offer"]["n"]
    assert words.sha256(case["file_utf8"].encode()) == case["offer"]["hash"]
    station = PeerStation("LH-0042")
    station.records = [item["record"] for item in vectors("records")["records"][:2]]
    station.epoch = case["epoch"]
    station._new_epoch("fork", case["common"], records, {})
    mine = [(r["kind"], r["body"], r.get("was")) for r in station.records]
    assert mine == [(r["kind"], r["body"], r.get("was")) for r in case["new_epoch"]]


def carry(station, centre, chance=None, rounds=400):
    """Messages go to and fro until both are quiet and settled; `chance` loses, doubles and shuffles them."""
    line = station.connect()
    for _ in range(rounds):
        if not line:
            if station.settled:
                return
            line = station.silence()
        if chance is not None:
            line = [out for out in line for _ in range(chance.choice([0, 1, 1, 1, 2]))]
            chance.shuffle(line)
        answers = [answer for out in line for answer in centre.receive(out.topic, out.payload, 5)]
        line = [more for out in answers for more in station.receive(out.topic, out.payload)]
    pytest.fail("not drained")


@pytest.mark.parametrize("seed", range(20))
def test_both_ends_of_the_peer_agree_over_a_bad_line(seed):
    chance = random.Random(seed)
    station, centre = PeerStation("LH-0042", seed), PeerCentre(unknown=frozenset({"odd.thing"}))
    image = copy.deepcopy(station)
    for number in range(chance.randrange(1, 200)):
        station.note(chance.choice(["ticket.called", "odd.thing"]), {"n": number}, parts=(b"part %d" % number,))
        if chance.random() < 0.1:
            image = copy.deepcopy(station)
    station.files[words.sha256(bytes(300_000))] = bytes(300_000)
    carry(station, centre, chance)
    before = set(station.births())
    image.random.seed(seed + 1)
    image.boot()
    for number in range(5):
        image.note("ticket.called", {"after": number})
    carry(image, centre, chance)
    site = centre.sites["LH-0042"]
    assert set(site.births) >= before | set(image.births())
    assert set(image.births()) >= {birth for birth in before if site.births[birth]["kind"] != "epoch.opened"}
    assert site.files == station.files
