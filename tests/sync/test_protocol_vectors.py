"""Every vector of the protocol page that this stream uses."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from sync.protocol import canonical, epochs, frames, messages, names, parts, record, tail, topics
from sync.protocol.heads import head_seqs

VECTORS = Path(__file__).parent / "vectors"


def vectors(name):
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("case", vectors("canonical")["canonical"])
def test_canonical_bytes(case):
    raw = bytes.fromhex(case["utf8_hex"])
    assert canonical.encode(case["value"]) == raw
    assert canonical.decode(raw) == case["value"]


@pytest.mark.parametrize("text", vectors("canonical")["refused_json"])
def test_refused_json(text):
    with pytest.raises(canonical.NotCanonical):
        canonical.decode(text.encode())


@pytest.mark.parametrize("case", vectors("records")["records"], ids=lambda case: case["record"]["kind"])
def test_record_hash_and_bytes(case):
    skeleton = {name: value for name, value in case["record"].items() if name != "hash"}
    built = record.build(skeleton)
    assert canonical.encode(skeleton).decode() == case["hashed_utf8"]
    assert built.hash == case["hash"]
    assert record.parse(built.raw) == built
    altered = built.raw.replace(b'"up":', b'"up":1')
    with pytest.raises(record.BadRecord, match="hash"):
        record.parse(altered)


@pytest.mark.parametrize("case", vectors("heads")["heads"])
def test_heads(case):
    assert head_seqs(case["next"], case["floor"]) == case["seqs"]


def test_heads_are_never_more_than_48():
    assert len(head_seqs(2**53 - 1, 1)) <= 48


@pytest.mark.parametrize(("site", "shard"), vectors("names")["shard"].items())
def test_shard(site, shard):
    assert names.shard(site) == shard


@pytest.mark.parametrize(("tail", "topic"), vectors("names")["topics"].items())
def test_topics(tail, topic):
    assert topics.topic("LH-0042", tail) == topic
    assert topics.place(topic) == ("LH-0042", tail)
    assert topics.place(topic.replace("/3f/", "/40/")) is None


MESSAGES = vectors("messages")["messages"]
OURS = [name for name, data in MESSAGES.items() if data["m"] in messages._BY_NAME and name != "telemetry"]


@pytest.mark.parametrize("name", OURS)
def test_messages_travel_unchanged(name):
    data = MESSAGES[name]
    message = messages.from_object(data | {"later": {"member": 1}})
    travelled = frames.unpack(message.payload(), frames.MAX_BATCH)
    assert {member: travelled[member] for member in data} == data
    assert not {member for member in travelled if member not in data and travelled[member]}


def test_telemetry_is_read_with_its_fractions():
    data = MESSAGES["telemetry"]
    told = messages.from_object(frames.unpack(json.dumps(data).encode(), frames.MAX_OTHER, fractions=True))
    assert [one.model_dump() for one in told.items] == data["items"]


@pytest.mark.parametrize("name", [name for name in MESSAGES if name not in OURS and name != "telemetry"])
def test_messages_of_other_streams_are_no_message_here(name):
    assert messages.from_object(MESSAGES[name]) is None


@pytest.mark.parametrize("name", OURS)
def test_a_message_without_one_of_its_members_is_refused_or_equal(name):
    may_be_left_out = {"m", "tail", "parts", "gone", "bad", "text", "feeds"}
    for member in MESSAGES[name].keys() - may_be_left_out - ({"why"} if name == "nack_hello" else set()):
        short = {k: v for k, v in MESSAGES[name].items() if k != member}
        with pytest.raises(frames.BadPayload, match="format"):
            messages.from_object(short)


def test_wrapped_key():
    case = vectors("parts")["wrapped_key"]
    private = bytes.fromhex(case["recipient_private_hex"])
    blob, key = b64decode(case["blob"]), bytes.fromhex(case["key_hex"])
    assert parts.unwrap_key(blob, private=private, site=case["site"], kid=case["kid"]) == key
    again = parts.wrap_key(key, public=bytes.fromhex(case["recipient_public_hex"]), site=case["site"], kid=case["kid"])
    assert len(again) == 80
    assert parts.unwrap_key(again, private=private, site=case["site"], kid=case["kid"]) == key
    for wrong in ({"site": "LH-0001", "kid": case["kid"]}, {"site": case["site"], "kid": "k:other"}):
        with pytest.raises(parts.CannotOpen):
            parts.unwrap_key(blob, private=private, **wrong)
    with pytest.raises(parts.CannotOpen):
        parts.unwrap_key(blob[:31], private=private, site=case["site"], kid=case["kid"])


def test_sealed_part():
    case = vectors("parts")["sealed"]
    where = {"site": case["site"], "kind": case["kind"], "subject": case["subject"]}
    key, blob = bytes.fromhex(case["key_hex"]), b64decode(case["part"])
    nonce = b64decode(case["entry"]["nonce"])
    made = parts.seal(case["plain"], key=key, kid=case["entry"]["kid"], nonce=nonce, **where)
    assert (made.entry, made.blob) == (case["entry"], blob)
    assert parts.unseal(case["entry"], blob, key=key, **where) == case["plain"]
    with pytest.raises(parts.CannotOpen):
        parts.unseal(case["entry"], blob, key=key, **(where | {"subject": "case:another"}))
    with pytest.raises(parts.CannotOpen):
        parts.unseal(case["entry"] | {"nonce": "?"}, blob, key=key, **where)


def test_the_tail_of_a_fork_and_the_epoch_that_begins_with_it():
    case = vectors("tail")["tail"]
    plain = case["file_utf8"].encode()
    found = tail.read(plain, site="LH-0042", n=case["offer"]["n"])
    assert record.digest(plain) == case["offer"]["hash"]
    assert b"".join(map(tail.lines_of, found)) == plain
    first = record.from_object(case["new_epoch"][0])
    again = epochs.write_again(first, [one.record for one in found], [], set())
    assert [one.again.data for one in again] == case["new_epoch"][1:]
    with pytest.raises(tail.BadTail):
        tail.read(plain[:-1], site="LH-0042", n=case["offer"]["n"])
    with pytest.raises(tail.BadTail):
        tail.read(plain, site="LH-0043", n=case["offer"]["n"])
