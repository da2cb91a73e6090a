"""What a receiver refuses, and that nothing makes it unfold more than its limit or fail in another way."""

import contextlib
import json

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.protocol import canonical, frames, messages, record

safe = st.integers(-(2**53 - 1), 2**53 - 1)
member = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | safe | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(member, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(member, values, max_size=5))
@settings(max_examples=80, deadline=None)
def test_canonical_is_one_form_whatever_the_order_and_spacing(value):
    raw = canonical.encode(value)
    spaced = json.dumps(dict(reversed(value.items())), indent=1, ensure_ascii=True).encode()
    assert canonical.encode(canonical.decode(spaced)) == raw
    assert canonical.decode(raw) == value


@given(st.binary(max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_an_object_or_not_canonical(raw):
    try:
        assert isinstance(canonical.decode(raw), dict)
    except canonical.NotCanonical:
        pass


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":1,"\\u0061":2}',
        b'{"a":{"b":1,"b":1}}',
    ],
    ids=["very deep", "deep", "huge number", "double by escape", "double inside"],
)
def test_hostile_json_is_refused_as_such(raw):
    with pytest.raises(canonical.NotCanonical):
        canonical.decode(raw)


def test_zstd_frames_are_read_and_bombs_stop_at_the_limit():
    plain = canonical.encode({"m": "x", "fill": "a" * 60_000})
    assert frames.unpack(zstandard.compress(plain), frames.MAX_OTHER)["m"] == "x"
    bomb = zstandard.compress(b"[" * 200_000_000)
    with pytest.raises(frames.BadPayload, match="size"):
        frames.unpack(bomb, frames.MAX_BATCH)
    with pytest.raises(frames.BadPayload, match="size"):
        frames.unpack(b" " * (frames.MAX_OTHER + 1), frames.MAX_OTHER)


@pytest.mark.parametrize("cut", [4, 5, 9, 20, -1])
def test_a_cut_zstd_frame_is_a_format_fault(cut):
    frame = zstandard.compress(canonical.encode({"m": "batch", "fill": "abcdefgh" * 20}))
    with pytest.raises(frames.BadPayload, match="format"):
        frames.unpack(frame[:cut], frames.MAX_OTHER)


@pytest.mark.parametrize(
    ("member_name", "value"),
    [
        ("sealed", 3),
        ("sealed", [{"kid": "k"}]),
        ("sealed", ["h"]),
        ("was", ["9f3c5a7e11d20b64", 3]),
        ("was", ["9f3c5a7e11d20b64", True, "0" * 64]),
        ("business_date", "today"),
        ("seq", True),
        ("seq", 0),
        ("alg", ["sha256"]),
        ("body", []),
        ("epoch", "9F3C5A7E11D20B64"),
        ("site", "lh-0042"),
        ("prev", "0" * 63),
        ("kind", ""),
        ("kind", "epoch.opened"),
    ],
)
def test_record_members_of_a_wrong_form(member_name, value):
    good = {
        "seq": 2, "site": "LH-0042", "epoch": "9f3c5a7e11d20b64", "at": "2026-11-23T09:14:07.312+08:00", "up": 1,
        "kind": "ticket.called", "v": 1, "subject": "t:1", "actor": "clerk:0107", "body": {}, "prev": "0" * 64,
        "alg": "sha256", "hash": "0" * 64,
    }  # fmt: skip
    record.check_form(good)
    with pytest.raises(record.BadRecord, match="format"):
        record.check_form(good | {member_name: value})


@given(st.dictionaries(st.sampled_from(["m", "cid", "why", "upto", "epoch"]), values), st.sampled_from(["nack", "ack"]))
@settings(max_examples=60, deadline=None)
def test_any_object_is_a_message_no_message_or_a_bad_payload(data, name):
    for found in (data, data | {"m": name}):
        with contextlib.suppress(frames.BadPayload):
            messages.from_object(found)
