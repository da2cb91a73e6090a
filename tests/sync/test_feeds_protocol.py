"""Items, state bytes, digests, deltas and signatures: the vectors of the protocol page, and what must not pass."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol import canonical, feeds, frames, messages, orders, sealed_items, signing
from sync.protocol.feeds import BadFeed, Delta, FeedMark, HeadOf
from sync.protocol.orders import OrderRefused
from sync.protocol.parts import CannotOpen
from sync.protocol.signing import NotSigned

VECTORS = json.loads((Path(__file__).parent / "vectors" / "feeds.json").read_text("utf-8"))
SIGNED = VECTORS["signed"]
PRIVATE = bytes.fromhex(SIGNED["private_hex"])
TRUSTED = {SIGNED["key"]: bytes.fromhex(SIGNED["public_hex"])}
COMMAND, DELTA, HEAD = (one["message"] for one in SIGNED["messages"][:3])
IDS = st.text(alphabet="ab:z09Z", min_size=1, max_size=4)


def item(uid, rev=1, **body):
    return {"id": uid, "rev": rev, "body": body}


def test_state_bytes_and_digest_are_those_of_the_page():
    items = VECTORS["feed"]["items"]
    assert feeds.state_bytes(items).decode() == VECTORS["feed"]["snapshot_utf8"]
    assert feeds.digest(items) == VECTORS["feed"]["digest"]
    assert feeds.EMPTY_DIGEST == feeds.digest({}) == VECTORS["feed"]["empty_digest"]
    assert feeds.read_state(VECTORS["feed"]["snapshot_utf8"].encode()) == items


@pytest.mark.parametrize("case", SIGNED["messages"], ids=lambda case: case["message"]["m"])
def test_signatures_are_those_of_the_page(case):
    message = case["message"]
    assert signing.signed_text(message).decode() == case["input_utf8"]
    unsigned = {name: value for name, value in message.items() if name not in ("key", "sig")}
    assert signing.sign(unsigned, key=SIGNED["key"], private=PRIVATE) == message
    assert signing.public_of(PRIVATE) == TRUSTED[SIGNED["key"]]
    signing.verify(message, TRUSTED)


@pytest.mark.parametrize("case", SIGNED["messages"], ids=lambda case: case["message"]["m"])
def test_anything_else_is_not_signed(case):
    message = case["message"]
    for other in (
        {**message, "more": 1},
        {**message, "key": "s2"},
        {**message, "sig": b64encode(bytes(64)).decode()},
        {**message, "sig": "no base64"},
        {**message, "sig": 7},
        {name: value for name, value in message.items() if name != "sig"},
    ):
        with pytest.raises(NotSigned):
            signing.verify(other, TRUSTED)


def test_the_delta_and_the_head_of_the_page_are_read():
    message, data = feeds.read(canonical.encode(DELTA))
    assert isinstance(message, Delta)
    assert (message.feed, message.scope, message.since, message.to) == ("bookings", "LH-0042", 6, 8)
    assert data == DELTA
    before = {"b:1": VECTORS["feed"]["items"]["b:1"], "b:7": item("b:7")}
    assert feeds.digest(feeds.changed(before, message.items)) == message.digest
    head, _ = feeds.read(canonical.encode(HEAD))
    assert isinstance(head, HeadOf)
    assert (head.scope, head.ver) == ("luohu", 12)


def test_the_marks_of_the_page_are_read():
    message = messages.from_object(VECTORS["marks"])
    assert isinstance(message, messages.Marks)
    assert feeds.marks_in(message.feeds) == {"bookings": FeedMark(8, VECTORS["feed"]["digest"])}


def test_marks_without_sense_count_as_left_out():
    told = {"bookings": {"ver": -1, "digest": "x"}, "weather": {"ver": 1, "digest": "x"}, "config": 7}
    assert feeds.marks_in(told) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"items": [{"id": "b:2", "body": {}}]},
        {"items": [{"id": "", "gone": True}]},
        {"items": [{"id": "中", "gone": True}]},
        {"items": [{"id": "a", "rev": 1, "body": 1}]},
        {"items": [7]},
        {"items": [item(str(n)) for n in range(257)]},
        {"feed": "weather"},
        {"from": -1},
        {"digest": "0"},
        {"sig": 1},
    ],
)
def test_a_delta_of_another_form_is_refused(change):
    with pytest.raises(frames.BadPayload):
        feeds.read(canonical.encode({**DELTA, **change}))


def test_a_delta_larger_than_the_page_allows_is_refused():
    wide = {**DELTA, "items": [item(str(n), text="x" * 1_100) for n in range(250)]}
    with pytest.raises(frames.BadPayload, match="size"):
        feeds.read(frames.pack(canonical.encode(wide)))
    assert not feeds.fits_delta(wide["items"])


@pytest.mark.parametrize("raw", [b"{}\n", b'{"id":"a","rev":1,"body":{}}', b"7\n", b'{"id":"a","gone":true}\n'])
def test_a_state_of_another_form_is_refused(raw):
    with pytest.raises(BadFeed):
        feeds.read_state(raw)


@given(st.lists(st.lists(st.tuples(IDS, st.booleans()), max_size=5), max_size=6))
def test_joined_changes_lead_where_the_steps_lead(steps):
    changes, rev = [], 0
    for step in steps:
        made = []
        for uid, gone in step:
            rev += 1
            made.append({"id": uid, "gone": True} if gone else item(uid, rev))
        changes.append(made)
    one_by_one = {}
    for step in changes:
        one_by_one = feeds.changed(one_by_one, step)
    assert feeds.changed({}, feeds.joined(changes)) == one_by_one
    packed = feeds.pack_state(feeds.state_bytes(one_by_one))
    assert feeds.read_state(packed) == one_by_one


def test_the_command_of_the_page_counts_in_its_place_until_its_end():
    order = orders.read(COMMAND, item=COMMAND["id"], site="LH-0042", trusted=TRUSTED)
    assert (order.do, order.effect, order.args) == ("print", "once", {"what": "test page"})
    orders.check_time(order, COMMAND["not_after"])
    with pytest.raises(OrderRefused, match="expired"):
        orders.check_time(order, COMMAND["not_after"] + 1)


@pytest.mark.parametrize(
    ("change", "item_id", "site", "why"),
    [
        ({}, "c:another", "LH-0042", "signature"),
        ({}, None, "LH-0043", "site"),
        ({"do": "open the gate"}, None, "LH-0042", "signature"),
        ({"not_after": COMMAND["not_after"] + 1}, None, "LH-0042", "signature"),
        ({"key": "s2"}, None, "LH-0042", "signature"),
    ],
)
def test_a_command_elsewhere_or_altered_is_refused(change, item_id, site, why):
    with pytest.raises(OrderRefused, match=why):
        orders.read({**COMMAND, **change}, item=item_id or COMMAND["id"], site=site, trusted=TRUSTED)


def test_sealed_members_open_at_their_site_in_their_item_only():
    site = VECTORS["wrapped_key"]
    private, public = (bytes.fromhex(site[f"recipient_{half}_hex"]) for half in ("private", "public"))
    members = {"name": "张三（样本）", "id_number": "440303190001010000"}
    made = sealed_items.seal(
        members, feed="bookings", item="b:1", site="LH-0042", public=public, to="x:1", random_bytes=lambda n: bytes(n)
    )
    assert "张三" not in json.dumps(made, ensure_ascii=False)
    sealed = {**item("b:1"), **made}
    feeds.check_item(sealed)
    assert sealed_items.open_item(sealed, feed="bookings", site="LH-0042", private=private) == members
    assert sealed_items.open_item(item("b:1"), feed="bookings", site="LH-0042", private=private) == {}
    for other, site_code, key in (
        ({**sealed, "id": "b:2"}, "LH-0042", private),
        (sealed, "LH-0043", private),
        (sealed, "LH-0042", bytes(31) + b"\x01"),
        ({**sealed, "keys": []}, "LH-0042", private),
        ({**sealed, "sealed": [{}]}, "LH-0042", private),
        ({**sealed, "sealed": 7}, "LH-0042", private),
    ):
        with pytest.raises(CannotOpen):
            sealed_items.open_item(other, feed="bookings", site=site_code, private=key)


def test_the_inline_part_of_the_page_opens():
    wrap, sealed = VECTORS["wrapped_key"], VECTORS["sealed"]
    found = {
        "id": sealed["subject"],
        "sealed": [sealed["inline"]],
        "keys": [{"kid": wrap["kid"], "wrapped": [{"to": "x:1", "kem": "x25519", "blob": wrap["blob"]}]}],
    }
    private = bytes.fromhex(wrap["recipient_private_hex"])
    assert sealed_items.open_item(found, feed=sealed["kind"], site="LH-0042", private=private) == sealed["plain"]
