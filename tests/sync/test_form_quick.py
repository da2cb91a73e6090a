"""The one look at a record's form passes nothing that the careful look at each member refuses."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import batching
from sync.protocol import canonical, record
from sync.protocol.record import BadRecord
from tests.sync.memory_journal import MemoryJournal

GOOD = dict(MemoryJournal().grow(3).records[3].record.data)
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.floats(), st.text(max_size=4), st.just([]), st.just({}),
    st.sampled_from(["", "epoch.opened", "key.issued", "a\nb", "2026-11-23", "SHA256", "٣" * 16, "0" * 64 + "\n"]),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*GOOD, "was", "sealed", "business_date"]), ODD, min_size=1, max_size=2))
def test_quick_and_careful_agree(changes):
    data = GOOD | changes
    if record._is_plainly_formed(data):
        record._check_members(data)


@given(st.sampled_from(sorted(GOOD)))
def test_a_member_that_is_missing_is_never_passed(name):
    data = {key: value for key, value in GOOD.items() if key != name}
    with contextlib.suppress(BadRecord):
        record._check_members(data)
        return
    assert not record._is_plainly_formed(data)


def test_most_records_take_the_quick_way():
    assert record._is_plainly_formed(GOOD)


@pytest.mark.parametrize("part", [None, b"part"])
def test_a_batch_is_canonical_with_and_without_parts(part):
    journal = MemoryJournal()
    for _ in range(5):
        journal.append(part=part) if part else journal.append()
    stored = [journal.records[seq] for seq in sorted(journal.records)]
    plain = batching._plain("c" * 16, stored)
    assert canonical.encode(canonical.decode(plain)) == plain
