"""The file of a month gives back what was put in, or says that it does not; never anything else."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.journal.segments.form import BadSegment, SegmentFile, Title, file_digest, write
from sync.protocol import record
from sync.protocol.record import ZERO, Record

KINDS = ("ticket.called", "day.opened", "part.erased")


def records(count: int, seed: int, longest: int = 300) -> list[Record]:
    random, prev, made = Random(seed), ZERO, []
    for seq in range(1, count + 1):
        members = {"seq": seq, "site": "LH-0042", "epoch": "9f3c5a7e11d20b64", "prev": prev, "alg": "sha256"}
        body = {"x": random.randbytes(random.randrange(longest)).hex()}
        kind = "day.opened" if seq % 700 == 3 else random.choice(KINDS[::2])
        members |= {"kind": kind, "v": 1, "subject": "t:1", "actor": "site", "body": body}
        made.append(record.build(members | {"at": "2026-11-23T09:14:04.312+08:00", "up": seq}))
        prev = made[-1].hash
    return made


def titled(made: list[Record], first: int) -> Title:
    return Title("LH-0042", "9f3c5a7e11d20b64", "2026-11", first, first + len(made) - 1, ZERO, made[-1].hash)


def stored(folder: Path, made: list[Record], first: int) -> tuple[Path, Title]:
    path, title = folder / "one.segment", titled(made, first)
    written = write(path, title, made)
    assert (written.digest, written.size) == (file_digest(path), path.stat().st_size)
    return path, title


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 900), st.integers(1, 10**9), st.integers(0, 2**32), st.data())
def test_what_was_put_in_comes_back(tmp_path: Path, count: int, first: int, seed: int, data: st.DataObject) -> None:
    made = records(count, seed)
    path, title = stored(tmp_path, made, first)
    file = SegmentFile(path, title)
    rows = list(enumerate((one.raw for one in made), first))
    assert list(file.rows(first, title.last)) == rows
    low = data.draw(st.integers(first, title.last))
    high = data.draw(st.integers(low, title.last))
    assert list(file.rows(low, high)) == rows[low - first : high - first + 1]
    wanted = [row for row in rows if b'"kind":"day.opened"' in row[1] and low <= row[0] <= high]
    assert list(file.of_kinds(["day.opened"], low, high)) == wanted
    assert list(file.saying(b'"seq":7,')) == rows[6:7]
    assert list(file.of_kinds(["key.issued"], first, title.last)) == []


def test_the_same_records_make_the_same_file(tmp_path: Path) -> None:
    made = records(700, 5)
    names = [tmp_path / "a", tmp_path / "b"]
    for name in names:
        write(name, titled(made, 1), made)
    assert names[0].read_bytes() == names[1].read_bytes()


def test_one_flipped_bit_never_gives_other_records(tmp_path: Path) -> None:
    made = records(600, 1, 60)
    path, title = stored(tmp_path, made, 1)
    whole, digest, random = path.read_bytes(), file_digest(path), Random(2)
    told = 0
    for _ in range(300):
        place = random.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << random.randrange(8)]) + whole[place + 1 :])
        assert file_digest(path) != digest
        try:
            assert list(SegmentFile(path, title).rows(1, 600)) == list(enumerate((one.raw for one in made), 1))
        except BadSegment:
            told += 1
    assert told > 290  # the rest are bits that zstd has no use for: the digest of the file shows these


@pytest.mark.parametrize("left", [0, 1, 20, 300, 0.5, -1])
def test_a_file_cut_anywhere_says_so(tmp_path: Path, left: float) -> None:
    path, title = stored(tmp_path, records(600, 1), 1)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left * len(whole)) if isinstance(left, float) else left])
    with pytest.raises(BadSegment):
        SegmentFile(path, title)


def test_another_months_file_does_not_pass(tmp_path: Path) -> None:
    path, title = stored(tmp_path, records(10, 1), 1)
    for other in (title._replace(month="2026-12"), title._replace(first=2), title._replace(tail=ZERO)):
        with pytest.raises(BadSegment, match="title"):
            SegmentFile(path, other)
