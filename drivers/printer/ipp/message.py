"""IPP messages in bytes (RFC 8010). Only what a printing client needs; members of collections come flat and unused."""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from drivers.errors import Garbled

VERSION: Final = b"\x02\x00"
OPERATION_GROUP, JOB_GROUP, END, PRINTER_GROUP = 0x01, 0x02, 0x03, 0x04
_GROUPS_BELOW: Final = 0x10
_OUT_OF_BAND_BELOW: Final = 0x20


class Tag(IntEnum):
    """Value tags that are sent or looked into (RFC 8010 3.5.2)."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    RESOLUTION = 0x32
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME = 0x49


@dataclass(frozen=True, slots=True)
class Attribute:
    """`values`: int, bool or str as the tag asks."""

    tag: Tag
    name: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """`groups`: (group tag, attributes) in order. A value that the sender does not know or has not is None.

    A resolution is (across, feed, unit).
    """

    status: int
    groups: tuple[tuple[int, Mapping[str, tuple[Any, ...]]], ...] = field(default=())

    def group(self, tag: int) -> Mapping[str, tuple[Any, ...]]:
        """The first of its kind; empty when there is none."""
        return next((attributes for found, attributes in self.groups if found == tag), {})

    def all(self, tag: int) -> list[Mapping[str, tuple[Any, ...]]]:
        return [attributes for found, attributes in self.groups if found == tag]


def request(operation: int, number: int, groups: Iterable[tuple[int, Iterable[Attribute]]]) -> bytes:
    out = bytearray(VERSION + struct.pack(">HI", operation, number))
    for tag, attributes in groups:
        out.append(tag)
        for attribute in attributes:
            out += _attribute(attribute)
    out.append(END)
    return bytes(out)


def _attribute(attribute: Attribute) -> bytes:
    out, name = bytearray(), attribute.name.encode("ascii")
    for value in attribute.values:
        raw = _raw(attribute.tag, value)
        out += struct.pack(">BH", attribute.tag, len(name)) + name + struct.pack(">H", len(raw)) + raw
        name = b""
    return bytes(out)


def _raw(tag: Tag, value: Any) -> bytes:
    match tag:
        case Tag.INTEGER | Tag.ENUM:
            return struct.pack(">i", value)
        case Tag.BOOLEAN:
            return bytes((bool(value),))
        case _:
            return str(value).encode("utf-8")


def answer(data: bytes, number: int) -> Answer:
    """Raises Garbled for what is no whole answer to request `number`."""
    try:
        status, replied = struct.unpack_from(">HI", data, 2)
    except struct.error as problem:
        raise Garbled("no IPP answer") from problem
    if data[0] not in (1, 2) or replied != number:
        raise Garbled("an IPP answer to something else")
    return Answer(status, tuple(_groups(_Reader(data, 8))))


def _groups(reader: "_Reader") -> Iterable[tuple[int, dict[str, tuple[Any, ...]]]]:
    tag = reader.byte()
    while tag != END:
        if tag >= _GROUPS_BELOW:
            raise Garbled("an IPP value outside of any group")
        group, attributes, name = tag, dict[str, tuple[Any, ...]](), ""
        while (tag := reader.byte()) >= _GROUPS_BELOW:
            name = reader.text() or name
            value = _value(tag, reader.counted())
            attributes[name] = (*attributes.get(name, ()), value)
        yield group, attributes


def _value(tag: int, raw: bytes) -> Any:
    try:
        if tag < _OUT_OF_BAND_BELOW:
            return None
        if tag in (Tag.INTEGER, Tag.ENUM):
            return struct.unpack(">i", raw)[0]
        if tag == Tag.BOOLEAN:
            return struct.unpack(">?", raw)[0]
        if tag == Tag.RESOLUTION:
            return struct.unpack(">iib", raw)
    except struct.error as problem:
        raise Garbled("an IPP value of the wrong size") from problem
    return raw.decode("utf-8", "replace")


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def byte(self) -> int:
        return self._take(1)[0]

    def counted(self) -> bytes:
        return self._take(int.from_bytes(self._take(2), "big"))

    def text(self) -> str:
        return self.counted().decode("utf-8", "replace")

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise Garbled("an IPP answer that ends too early")
        self._at += count
        return taken
