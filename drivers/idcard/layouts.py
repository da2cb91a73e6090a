"""What stands where in a card's 256 bytes of text (idcard.md section 5), and the record made from it."""

import base64
from dataclasses import dataclass
from typing import Literal

from drivers.contract import IdRecord
from drivers.errors import CardUnreadable, Garbled
from drivers.idcard.codes import NATIONS, SEXES
from drivers.idcard.numbers import number_warnings, old_foreign_number, old_foreign_warnings

TEXT_SIZE = 256
APPEND_SIZE = 70
_NAME_EN_CHARACTERS = 35
_FLAG_AT = 248
_PHOTO_HEAD = bytes.fromhex("574C66007E00")
_PADDING = " \0"

LayoutName = Literal["resident", "foreign_2017", "foreign_2023", "hmt"]
Place = tuple[int, int]  # offset, bytes


@dataclass(frozen=True, slots=True)
class Layout:
    name: LayoutName
    fields: dict[str, Place]


_FIRST_NINE: dict[str, Place] = {
    "name": (0, 30),
    "sex": (30, 2),
    "birth": (36, 16),
    "address": (52, 70),
    "number": (122, 36),
    "issuer": (158, 30),
    "valid_from": (188, 16),
    "valid_to": (204, 16),
}

LAYOUTS: dict[str, Layout] = {
    " ": Layout("resident", _FIRST_NINE | {"nation": (32, 4)}),
    "J": Layout("hmt", _FIRST_NINE | {"pass_number": (220, 18), "issue_count": (238, 4)}),
    "I": Layout(
        "foreign_2017",
        {
            "name_en": (0, 120),
            "sex": (120, 2),
            "number": (122, 30),
            "country": (152, 6),
            "name": (158, 30),
            "valid_from": (188, 16),
            "valid_to": (204, 16),
            "birth": (220, 16),
            "card_version": (236, 4),
            "agency": (240, 8),
        },
    ),
    "Y": Layout(
        "foreign_2023",
        {
            "name": (0, 30),
            "sex": (30, 2),
            "renewal_count": (32, 4),
            "birth": (36, 16),
            "name_en": (52, 70),
            "number": (122, 36),
            "valid_from": (188, 16),
            "valid_to": (204, 16),
            "name_en_rest": (220, 22),
            "country": (242, 6),
            "old_number_link": (250, 6),
        },
    ),
}


@dataclass(frozen=True, repr=False)
class CardText:
    """The decoded fields, without padding; never shown by repr."""

    layout: LayoutName
    fields: dict[str, str]
    damaged: bool


def split_base(data: bytes) -> tuple[bytes, bytes]:
    """DATA of read_base into text and photo by its own two lengths. Raises Garbled when they do not fit."""
    text_size, photo_size = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2))
    if len(data) != 4 + text_size + photo_size or text_size < TEXT_SIZE:
        raise Garbled("bad_length: text and photo do not fill the answer")
    return data[4 : 4 + text_size], data[4 + text_size :]


def read_text(block: bytes) -> CardText:
    """Raises CardUnreadable for a layout nobody has described."""
    flag = _decode(block, (_FLAG_AT, 2)) or " "
    layout = LAYOUTS.get(flag)
    if layout is None:
        raise CardUnreadable("unknown layout of the card's text")
    fields = {name: _decode(block, place) for name, place in layout.fields.items()}
    return CardText(layout.name, fields, any("\ufffd" in value for value in fields.values()))


def read_append(data: bytes) -> str:
    """The appended address; the longest the module is known to give is 70 bytes."""
    size = min(APPEND_SIZE, len(data)) & ~1
    return _decode(data, (0, size))


def make_record(text: CardText, photo: bytes, append: str = "", warnings: tuple[str, ...] = ()) -> IdRecord:
    """`sex` and `nation` as words; for foreigners `nation` is the country's letters and `name` the Chinese
    name where the card has one, else the English. `append`: the newer address, beside the printed one.
    """
    fields = text.fields
    sex = SEXES.get(fields["sex"], fields["sex"])
    name_en = _joined_name(fields)
    if text.layout == "foreign_2017":
        doubts = old_foreign_warnings(fields["number"])
    else:
        doubts = number_warnings(fields["number"], sex, fields["birth"])
    return IdRecord(
        layout=text.layout,
        name=fields["name"] or name_en,
        sex=sex,
        nation=_nation(fields),
        birth=fields["birth"],
        address=fields.get("address", ""),
        new_address=append,
        number=fields["number"].upper(),
        issuer=fields.get("issuer", ""),
        valid_from=fields["valid_from"],
        valid_to=fields["valid_to"],
        name_en=name_en,
        old_number=_old_number(text),
        pass_number=fields.get("pass_number", ""),
        photo_wlt=base64.b64encode(photo).decode("ascii"),
        warnings=doubts + _block_warnings(text, photo) + warnings,
    )


def _block_warnings(text: CardText, photo: bytes) -> tuple[str, ...]:
    damaged = ("text_damaged",) if text.damaged else ()
    return damaged if photo.startswith(_PHOTO_HEAD) else (*damaged, "photo_head")


def _nation(fields: dict[str, str]) -> str:
    code = fields.get("nation", "")
    return fields.get("country", "") or NATIONS.get(code, code)


def _old_number(text: CardText) -> str:
    if text.layout != "foreign_2023":
        return ""
    return old_foreign_number(text.fields["number"], text.fields["country"], text.fields["old_number_link"])


def _joined_name(fields: dict[str, str]) -> str:
    """A 2023 card's name goes on in a second field when the first is full; a space may be its last character."""
    first, rest = fields.get("name_en", ""), fields.get("name_en_rest", "")
    return first.ljust(_NAME_EN_CHARACTERS) + rest if rest else first


def _decode(block: bytes, place: Place) -> str:
    """Decode first, then strip: 张 is 20 5F, so stripping bytes would destroy it."""
    offset, size = place
    return block[offset : offset + size].decode("utf-16-le", errors="replace").rstrip(_PADDING)
