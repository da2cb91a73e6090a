"""The quick way to read canonical bytes accepts nothing that the careful one refuses, and reads the same."""

import json

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.protocol import canonical, record
from sync.protocol.canonical import MAX_DEPTH, MAX_SAFE_INTEGER, NotCanonical
from tests.sync.memory_journal import MemoryJournal

TEXT = st.text(st.sampled_from('a"\\[]{}:,.0e-é字\x7f\x00 '), max_size=6)
NUMBERS = st.one_of(
    st.integers(-(2**65), 2**65), st.floats(), st.sampled_from([MAX_SAFE_INTEGER, 2**53, -(2**53), True])
)
VALUES = st.recursive(
    st.one_of(st.none(), NUMBERS, TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)


def carefully(raw):
    try:
        return canonical._decode_any(raw)
    except NotCanonical:
        return None


@given(st.dictionaries(TEXT, VALUES, max_size=4), st.booleans(), st.booleans())
def test_quick_and_careful_agree(value, escaped, sort):
    for raw in (
        json.dumps(value, ensure_ascii=escaped, sort_keys=sort, separators=(",", ":")).encode("utf-8", "surrogatepass"),
        orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str) if _small(value) else b"{}",
    ):
        found = canonical._decode_canonical(raw)
        assert found is None or found == carefully(raw)


def _small(value):
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}', b'{"a":1.5}', b'{"a":[{"b":1e3}]}', b'{"a":9007199254740992}', b'{"a":"\\ud800"}',
        b'{"a":NaN}', b'{"\x7f":1}', '{"é":1}'.encode(), b"[1]", b"1", b"", b"{", b'{"a":"\xff"}',
        b'{"a":' + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1) + b"}",
        b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)  # fmt: skip
def test_nothing_bad_is_taken_quickly(raw):
    assert canonical._decode_canonical(raw) is None
    with pytest.raises(NotCanonical):
        canonical.decode(raw)


@given(st.integers(1, MAX_DEPTH + 3))
@example(MAX_DEPTH)
@example(MAX_DEPTH + 1)
def test_both_end_at_the_same_depth(depth):
    raw = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    found = canonical._decode_canonical(raw)
    assert (found is None) == (carefully(raw) is None)


def test_what_we_write_is_read_quickly():
    for stored in MemoryJournal().grow(5).records.values():
        assert canonical._decode_canonical(stored.record.raw) == dict(stored.record.data)


def test_the_hash_may_stand_elsewhere_in_the_record_too():
    skeleton = {name: value for name, value in MemoryJournal().grow(2).records[2].record.data.items() if name != "hash"}
    built = record.build(skeleton | {"body": {"hash": "a" * 64}, "zz": {"hash": "b" * 64, "x": 1}})
    assert record.parse(built.raw).hash == built.hash
    other = built.data | {"body": {"hash": built.hash, "x": 1}}
    with pytest.raises(record.BadRecord, match="hash"):
        record.from_object(other)
