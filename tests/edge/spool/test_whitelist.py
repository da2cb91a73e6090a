"""A forbidden field cannot cross: canaries in every field of every kind, and the list as it was approved."""

import dataclasses
import functools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.records import KINDS
from edge.spool import shapes, whitelist
from edge.spool.shapes import Misfit
from tests.edge.spool.ends import GOLDEN, NUMBERS, PLACES, Raw, golden

KNOWN = frozenset(PLACES)
OPENED = Path(__file__).parent / "opened.txt"
LOCKS = functools.cache(shapes.lock_of)
FIXED = (
    "张测试",
    "欧阳测试·买买提",
    "Zhang Ceshi",
    "zhangceshi",
    "119999199001010012",
    "11999919900101001X",
    "13800138000",
    "+8613800138000",
    "0755-25882588",
    "25882588",
    "M12345678",
    "1990-01-01",
    "罗湖区某路 1 号 2 栋 301",
    "低保户，残疾，申请被拒",
    "a@example.com",
    "denied",
    "disabled",
)
canaries = (
    st.sampled_from(FIXED)
    | st.integers(10**10, 2 * 10**10).map(str)
    | st.integers(10**17, 10**18 - 1).map(str)
    | st.text("张王李赵测试一二三abcdefXYZ0123456789 -_.:", min_size=5, max_size=40)
)
ALL = sorted({path.stem for path in GOLDEN.glob("*.json")})


@pytest.fixture(autouse=True)
def locks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock is slow to make on purpose; here the same one is made a thousand times."""
    monkeypatch.setattr(shapes, "lock_of", LOCKS)


def cross(record) -> str:
    """What would stand in the bundle, '' when nothing does; checked as the receiver would."""
    try:
        item = whitelist.of_record(record, KNOWN, NUMBERS)
    except Misfit as misfit:
        return str(misfit)
    if item is None:
        return ""
    whitelist.check(item, "out", KNOWN, NUMBERS)
    return json.dumps(item, ensure_ascii=False)


def planted(value, canary, whole: str) -> Iterator[tuple[str, object]]:
    """`value` with the canary in one place, for every place in it; and its lists with the canary added."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from ((f"{whole}.{name}{place}", {**value, name: new}) for place, new in planted(inner, canary, ""))
        return
    if isinstance(value, list):
        for n, inner in enumerate(value):
            for place, new in planted(inner, canary, ""):
                yield f"[{n}]{place}", [*value[:n], new, *value[n + 1 :]]
        yield "[+]", [*value, canary]
    yield "", canary
    if canary.isdigit():
        yield "", int(canary)


def every_planting(stem: str, canary: str) -> Iterator[Raw]:
    kind, version = stem.rsplit(".", 1)
    record = golden(kind, int(version))
    for _, body in planted(record.body, canary, ""):
        if isinstance(body, dict):
            yield dataclasses.replace(record, body=body)
    prefix = record.subject.partition(":")[0]
    for subject in (canary, f"{prefix}:{canary}"):
        yield dataclasses.replace(record, subject=subject)
    for actor in (canary, f"clerk:{canary}"):
        yield dataclasses.replace(record, actor=actor)
    yield dataclasses.replace(record, at=canary)
    yield dataclasses.replace(record, kind=canary)
    yield dataclasses.replace(record, body={**record.body, "name": canary})
    yield dataclasses.replace(record, body={**record.body, canary: 1})


def leaks(stem: str, canary: str) -> bool:
    return any(canary in cross(record) for record in every_planting(stem, canary))


def ordinary(stem: str) -> str:
    return cross(golden(*(lambda kind, version: (kind, int(version)))(*stem.rsplit(".", 1))))


@settings(deadline=None, max_examples=300)
@given(canary=canaries, data=st.data())
def test_no_canary_crosses_in_any_field_of_any_kind(canary: str, data: st.DataObject) -> None:
    stem = data.draw(st.sampled_from(ALL))
    if canary not in ordinary(stem):
        assert not leaks(stem, canary)


@pytest.mark.parametrize("stem", ALL)
def test_no_known_canary_crosses(stem: str) -> None:
    """Every kind and version ever written, every field of it."""
    for canary in FIXED:
        assert canary not in ordinary(stem)
        assert not leaks(stem, canary), canary


@pytest.mark.parametrize(
    ("stem", "field"),
    [
        ("ticket.issued.2", "person"),
        ("ticket.issued.2", "place"),
        ("case.stepped.1", "unit"),
        ("complaint.registered.1", "target"),
        ("result.delivered.1", "clerk"),
    ],
)
def test_the_canaries_notice_a_field_that_was_opened(monkeypatch: pytest.MonkeyPatch, stem: str, field: str) -> None:
    kind = stem.rsplit(".", 1)[0]
    wide = shapes.Shape("anything", lambda value, frame: True)
    opened = whitelist.Kind(whitelist.OUT[kind].subject, {**whitelist.OUT[kind].body, field: wide})
    monkeypatch.setitem(whitelist.OUT, kind, opened)  # type: ignore[arg-type]
    assert any(leaks(stem, canary) for canary in FIXED)


def test_the_canaries_notice_a_query_code_that_is_not_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = shapes.Shape("code", lambda value, frame: value.isalnum())
    opened = whitelist.Kind(
        whitelist.OUT["case.received"].subject, {**whitelist.OUT["case.received"].body, "query_code": plain}
    )
    monkeypatch.setitem(whitelist.OUT, "case.received", opened)  # type: ignore[arg-type]
    assert leaks("case.received.2", "25882588")


def test_what_is_open_is_what_was_approved() -> None:
    """A kind or field more, or a wider shape, is a decision: `opened.txt` is changed by a person who says why."""
    assert whitelist.told() == OPENED.read_text("utf-8").splitlines()


def test_every_field_of_every_kind_is_closed_unless_listed() -> None:
    listed = {tuple(line.split(":")[0].split(" ")[1:]) for line in OPENED.read_text("utf-8").splitlines()}
    for kind, version in KINDS:
        crossed = ordinary(f"{kind}.{version}")
        if not any(each[0] == kind for each in listed):
            assert crossed == "", kind
            continue
        item = json.loads(crossed)
        assert {(kind, name) for name in item["body"]} == {each for each in listed if each[0] == kind} - {
            (kind, "(subject)")
        }


def test_a_kind_of_tomorrow_does_not_cross() -> None:
    assert whitelist.of_record(Raw("person.told", 1, "t:1", {"name": "张测试"}), KNOWN, NUMBERS) is None
    tomorrow = dataclasses.replace(golden("ticket.called", 2), v=3)
    with pytest.raises(Misfit):
        whitelist.of_record(tomorrow, KNOWN, NUMBERS)


@pytest.mark.parametrize("change", [
    lambda item: item | {"name": "张测试"},
    lambda item: item | {"kind": "case.opened"},
    lambda item: item | {"v": 9},
    lambda item: item | {"v": True},
    lambda item: item | {"at": "2026-11-23T09:00:00.000+08:07"},
    lambda item: item | {"at": "x"},
    lambda item: item | {"subject": "t:13800138000"},
    lambda item: item | {"body": {**item["body"], "clerk": "c01"}},
    lambda item: item | {"body": {**item["body"], "window": "13800138000"}},
    lambda item: item | {"body": {**item["body"], "window": ["w1"]}},
    lambda item: item | {"body": {**item["body"], "call": True}},
    lambda item: item | {"body": {"window": "w1"}},
    lambda item: {name: value for name, value in item.items() if name != "at"},
    lambda item: [item],
    lambda item: "张测试",
])  # fmt: skip
def test_the_receiver_looks_at_everything_again(change) -> None:
    item = whitelist.of_record(golden("ticket.called", 2), KNOWN, NUMBERS)
    assert item is not None
    whitelist.check(item, "out", KNOWN, NUMBERS)
    with pytest.raises(Misfit):
        whitelist.check(change(item), "out", KNOWN, NUMBERS)


def test_no_item_of_one_way_passes_for_the_other() -> None:
    item = whitelist.of_record(golden("ticket.called", 2), KNOWN, NUMBERS)
    with pytest.raises(Misfit):
        whitelist.check(item, "in", KNOWN, NUMBERS)
