"""The free-read data of a social-security card, 社保卡 (idcard.md sections 8.1, 8.2). No PIN is ever sent."""

from collections.abc import Callable, Iterator
from typing import Final

from drivers.contract import SocialCard
from drivers.errors import CardUnreadable, Garbled, Refused
from drivers.idcard.codes import NATIONS, SEXES
from drivers.idcard.numbers import number_warnings

Transmit = Callable[[bytes], bytes]
"""One command to the card, its answer with the two status bytes. Raises DeviceError."""

SELECT_SSSE: Final = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
_EF05, _EF06 = 0x05, 0x06
_MOST_RECORDS: Final = 8
_MOST_PARTS: Final = 16  # of one answer that comes in pieces
_DONE, _NO_RECORD, _WRONG_LENGTH = 0x9000, 0x6A83, 0x6700
_NO_FILE: Final = frozenset({0x6A82, 0x6A81, 0x6A86, 0x6A88, 0x6981, 0x6986})
_WITHHELD: Final = frozenset({0x6982, 0x6985, 0x6983})
# Where the card takes no length of 00: first the value + 2 of what usually stands in that record (8.2), then any.
_LIKELY: Final = {_EF05: (0x12, 0x03, 0x06, 0x0E, 0x06, 0x06, 0x0B), _EF06: (0x14, 0x20, 0x03, 0x05, 0x06)}
_POSSIBLE: Final = range(0x03, 0x23)
_CARD_ID, _VERSION, _ISSUED, _EXPIRES, _CARD_NUMBER = 0x01, 0x03, 0x05, 0x06, 0x07
_NUMBER, _NAME, _NAME_MORE, _SEX, _NATION, _BIRTH = 0x08, 0x09, 0x4E, 0x0A, 0x0B, 0x0D
_NAME_BYTES: Final = 30


def read_social_card(transmit: Transmit) -> SocialCard:
    """Raises Refused for a card without the social-security application, CardUnreadable, Garbled, and what
    `transmit` raises."""
    _select_environment(transmit)
    found, withheld = dict[int, bytes](), False
    for file in (_EF05, _EF06):
        for tag, value in _records(transmit, file):
            if value is None:
                withheld = True
            else:
                found.setdefault(tag, value)
    if not found:
        raise CardUnreadable("a social-security card that gives nothing away")
    return _made(found, withheld)


def converse(transmit: Transmit, command: bytes) -> tuple[bytes, int]:
    """Data and status, after what 61xx (more to fetch) and 6Cxx (other length) ask for."""
    data = b""
    for _ in range(_MOST_PARTS):
        answer = transmit(command)
        if len(answer) < 2:
            raise Garbled("half an answer from the card")
        data += answer[:-2]
        kind, rest = answer[-2], answer[-1]
        if kind == 0x61:
            command = bytes([0x00, 0xC0, 0x00, 0x00, rest])
        elif kind == 0x6C:
            command = command[:4] + bytes([rest])
        else:
            return data, kind << 8 | rest
    raise Garbled("the card's answer has no end")


def _select_environment(transmit: Transmit) -> None:
    _, status = converse(transmit, SELECT_SSSE)
    if status != _DONE:
        raise Refused(f"{status:04X}", "not a social-security card")


def _records(transmit: Transmit, file: int) -> Iterator[tuple[int, bytes | None]]:
    """Tag and value of each record; the value None where the card keeps it back.

    Which number a record has differs by generation, so all are walked and the tag decides.
    """
    place = file << 3 | 4
    for number in range(1, _MOST_RECORDS + 1):
        data, status = _read_record(transmit, file, number, place)
        if number == 1 and status in _NO_FILE:
            _select_file(transmit, file)
            place = 4
            data, status = _read_record(transmit, file, number, place)
        if status == _NO_RECORD:
            return
        if status in _WITHHELD:
            yield 0, None
        elif status == _DONE:
            if len(data) < 2 or len(data) < 2 + data[1]:
                raise Garbled(f"EF{file:02X} record {number} is cut off")
            yield data[0], data[2 : 2 + data[1]]
        elif status in _NO_FILE and file == _EF06:
            yield 0, None
            return
        else:
            raise CardUnreadable(f"EF{file:02X} record {number}: {status:04X}")


def _read_record(transmit: Transmit, file: int, number: int, place: int) -> tuple[bytes, int]:
    head = bytes([0x00, 0xB2, number, place])
    data, status = converse(transmit, head + b"\x00")
    for length in (*_LIKELY[file][number - 1 : number], *_LIKELY[file], *_POSSIBLE):
        if status != _WRONG_LENGTH:
            break
        data, status = converse(transmit, head + bytes([length]))
    return data, status


def _select_file(transmit: Transmit, file: int) -> None:
    """Both forms are met; the reading that follows tells whether one was understood."""
    for how in (0x02, 0x00):
        _, status = converse(transmit, bytes([0x00, 0xA4, how, 0x00, 0x02, 0xEF, file]))
        if status == _DONE:
            return


def _made(found: dict[int, bytes], withheld: bool) -> SocialCard:
    number, sex = _text(found, _NUMBER).upper(), _text(found, _SEX)
    birth = _digits(found, _BIRTH)
    card_id, nation = _digits(found, _CARD_ID), _digits(found, _NATION)
    warnings = (number_warnings(number, SEXES.get(sex, ""), birth) if number else ("number_missing",)) + (
        ("withheld",) if withheld else ()
    )
    name, doubtful = _name(found)
    return SocialCard(
        number=number,
        name=name,
        sex=SEXES.get(sex, sex),
        nation=NATIONS.get(nation, nation),
        birth=birth,
        card_id=card_id,
        card_number=_text(found, _CARD_NUMBER),
        area=card_id[:6],
        version=_text(found, _VERSION),
        issued=_digits(found, _ISSUED),
        expires=_digits(found, _EXPIRES),
        warnings=warnings + doubtful,
    )


def _name(found: dict[int, bytes]) -> tuple[str, tuple[str, ...]]:
    """The form of a long name's second field is nowhere described: whoever has one is looked at twice."""
    name, more = _text(found, _NAME), _text(found, _NAME_MORE)
    damaged = ("text_damaged",) if "\ufffd" in name + more else ()
    if not more:
        return name, damaged
    full = len(found.get(_NAME, b"").rstrip(b"\0 ")) >= _NAME_BYTES - 1
    whole = more if more.startswith(name) else name + more if full else name
    return whole, (*damaged, "name_extension")


def _text(found: dict[int, bytes], tag: int) -> str:
    """GBK, filled with zeros or blanks; decoded first, since a fill byte may be half of a character."""
    return found.get(tag, b"").decode("gb18030", errors="replace").rstrip("\0 ")


def _digits(found: dict[int, bytes], tag: int) -> str:
    """Two digits a byte, left aligned, filled with F; nothing when it is only filling."""
    return found.get(tag, b"").hex().upper().rstrip("F")
