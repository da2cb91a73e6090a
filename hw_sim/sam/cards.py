"""What lies on the reader: invented cards, laid out as idcard.md section 5 says."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

TEXT_BYTES = 256
PHOTO_BYTES = 1024
APPEND_CHARACTERS = 35

# Field and its length in characters, in the order of the block; "" is reserved space (section 5.1-5.4).
_PERSON = (("name", 15), ("sex", 1), ("nation", 2), ("birth", 8), ("address", 35), ("number", 18))
_LAYOUTS: dict[str, tuple[tuple[str, int], ...]] = {
    "resident": (*_PERSON, ("issuer", 15), ("from_", 8), ("to", 8), ("", 18)),
    "residence_permit": (
        *((field if field != "nation" else "", length) for field, length in _PERSON),
        *(("issuer", 15), ("from_", 8), ("to", 8), ("pass_number", 9), ("issue_count", 2), ("", 3)),
        *(("flag", 1), ("", 3)),
    ),
    "foreigner_2017": (
        *(("english_name", 60), ("sex", 1), ("number", 15), ("country", 3), ("name", 15), ("from_", 8)),
        *(("to", 8), ("birth", 8), ("version", 2), ("agency", 4), ("flag", 1), ("", 3)),
    ),
    "foreigner_2023": (
        *(("name", 15), ("sex", 1), ("renewals", 2), ("birth", 8), ("english_start", 35), ("number", 18)),
        *(("", 15), ("from_", 8), ("to", 8), ("english_rest", 11), ("country", 3), ("flag", 1), ("old_link", 3)),
    ),
}
_FLAGS = {"residence_permit": "J", "foreigner_2017": "I", "foreigner_2023": "Y"}

Hex4 = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{8}$")]
Hex8 = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{16}$")]
Hex16 = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{32}$")]
Finger = Annotated[int, Field(ge=11, le=20)]


class Card(BaseModel):
    """A card of the scene. Dates are YYYYMMDD; `to` may be 长期; `nation` and `sex` are the card's code digits."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: str
    layout: Literal["resident", "residence_permit", "foreigner_2017", "foreigner_2023"] = "resident"
    name: str
    sex: str
    nation: str = ""
    birth: str = Field(pattern=r"^\d{8}$")
    address: str = ""
    number: str
    issuer: str = ""
    from_: str = Field(alias="from", pattern=r"^\d{8}$")
    to: str = Field(pattern=r"^(\d{8}|长期)$")
    pass_number: str = ""
    issue_count: str = ""
    english_name: str = ""
    country: str = ""
    version: str = ""
    agency: str = ""
    renewals: str = ""
    old_link: str = ""
    append: tuple[Annotated[str, Field(max_length=APPEND_CHARACTERS)], ...] = Field((), max_length=4)
    fingers: tuple[Finger, ...] = Field((), max_length=2)
    iin: Hex4 = "0" * 8
    chip: Hex8 = "0" * 16
    body: Hex16 = "0" * 32

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for field, length in _LAYOUTS[self.layout]:
            if field and len(self._field(field)) > length:
                raise ValueError(f"{field.rstrip('_')} is longer than the card's {length} characters")
        return self

    def _field(self, field: str) -> str:
        if field == "flag":
            return _FLAGS[self.layout]
        if field == "english_start":
            return self.english_name[:35]
        if field == "english_rest":
            return self.english_name[35:]
        return str(getattr(self, field))

    def text_block(self) -> bytes:
        """256 bytes UTF-16LE, each field padded with spaces."""
        return "".join(
            (self._field(field) if field else "").ljust(length) for field, length in _LAYOUTS[self.layout]
        ).encode("utf-16-le")

    def append_block(self) -> bytes | None:
        """70 bytes of the latest added address, or None."""
        if not self.append:
            return None
        return self.append[0].ljust(APPEND_CHARACTERS).encode("utf-16-le")

    def finger_blocks(self) -> bytes:
        """512 bytes a finger: a head that claims quality 80, no real print (section 3)."""
        return b"".join(bytes([0x43, 0x10, 0, 0, 1, finger, 0x50]).ljust(512, b"\0") for finger in self.fingers)


def photo_block() -> bytes:
    """1024 bytes with a right head and no picture inside (section 6)."""
    head = bytes.fromhex("574C66007E00320000FF85")
    return head + bytes((7 * place + 3) % 256 for place in range(len(head), PHOTO_BYTES))
