"""Chip cards of invented people: social-security cards by generation, a bank card, a card of something else."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_NAME_BYTES = 30
Date = Annotated[str, Field(pattern=r"^(\d{8})?$")]
Record = tuple[int, bytes]

# Contact card that speaks T=0 only; contactless as idcard.md 8.4 builds it.
ATR_CONTACT = bytes.fromhex("3B0453534331")
ATR_CONTACTLESS = bytes.fromhex("3B888001000000000000000009")


class ChipCard(BaseModel):
    """Scene: one card that can be put into a PC/SC reader.

    `kind` social: `generation` decides the record order (idcard.md 8.2, 8.3); bank and other have no social-security
    application. `bank`: a bank application beside the social one. `t0`: SELECT is answered 61xx; `exact_le`: another Le
    than the record's length is answered 6Cxx. `locked`: how a third-generation card without PSAM refuses its EF06.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: Literal["social", "bank", "other"] = "social"
    generation: Literal[1, 2, 3] = 2
    contactless: bool = False
    t0: bool = True
    exact_le: bool = False
    padding: Literal["zeros", "spaces"] = "zeros"
    locked: Literal["6982", "empty"] = "6982"
    bank: bool = False
    area: str = Field("119999", pattern=r"^\d{6}$")
    card_number: str = Field("", max_length=9, pattern=r"^[0-9A-Za-z]*$")
    name: str = ""
    long_name: str = ""
    number: str = Field("", max_length=18)
    sex: str = Field("", pattern=r"^\d?$")
    nation: str = Field("", pattern=r"^(\d\d)?$")
    birthplace: str = Field("", pattern=r"^(\d{6})?$")
    birth: Date = ""
    issued: Date = ""
    valid_to: Date = ""
    account: str = Field("", pattern=r"^(\d{12,19})?$")

    @property
    def atr(self) -> bytes:
        return ATR_CONTACTLESS if self.contactless else ATR_CONTACT

    def ef05(self) -> tuple[Record, ...]:
        """Records 1, 2, … as tag and value."""
        return (
            (0x01, _cn(self.area, 16)),
            (0x02, b"1"),
            (0x03, f"{self.generation}.00".encode()),
            (0x04, _cn(self.area, 12)),
            (0x05, _cn(self.issued, 4)),
            (0x06, _cn(self.valid_to, 4)),
            (0x07, self.card_number.encode().ljust(9, b"\0")),
        )

    def ef06(self) -> tuple[Record, ...]:
        """From the second generation on the extended name stands between name and sex."""
        filler = b"\0" if self.padding == "zeros" else b" "
        name = self.name.encode("gbk")[:_NAME_BYTES].ljust(_NAME_BYTES, filler)
        extended = ((0x4E, self.long_name.encode("gbk")[:20].ljust(20, filler)),) if self.generation > 1 else ()
        return (
            (0x08, self.number.encode().ljust(18, b"\0")),
            (0x09, name),
            *extended,
            (0x0A, self.sex.encode() or b"\0"),
            (0x0B, _cn(self.nation, 1)),
            (0x0C, _cn(self.birthplace, 3)),
            (0x0D, _cn(self.birth, 4)),
        )


def _cn(digits: str, octets: int) -> bytes:
    """Packed digits, left aligned, filled with F."""
    return bytes.fromhex(digits.ljust(octets * 2, "F"))
