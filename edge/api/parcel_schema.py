"""What crosses the API of papers sent by post (邮寄签收). Clerk of that window only.

    GET  /api/window/{w}/parcels                   -> ParcelList     signed for, and belonging to no case yet
    POST /api/window/{w}/parcels                   SignParcelRequest -> ParcelList
    POST /api/window/{w}/parcels/{parcel}/match    MatchParcelRequest -> ParcelList     to the draft in hand

Who sent it is not asked: the case it is given to knows its applicant.
"""

from typing import Literal

from pydantic import Field, SecretStr

from edge.api.case_schema import Text
from edge.api.model import Act, Model

Courier = Literal["ems", "sf", "jd", "other"]


class SheetsLine(Model):
    """Of one material: what the sender listed, what was counted here."""

    material: str
    name: Text
    listed: int
    counted: int


class ParcelSnapshot(Model):
    """`differences`: lines where the list and the count are not the same. `witness`: name of the second person, ''."""

    parcel: str
    waybill: str
    application: str
    item: str
    item_name: Text
    date: str
    at: str
    counted: tuple[SheetsLine, ...]
    differences: tuple[SheetsLine, ...]
    witness: str


class ExpectedParcel(Model):
    """Announced by the centre for an online application. `waybill`, `courier`: '' until they are known."""

    parcel: str
    application: str
    waybill: str
    courier: str
    item: str
    item_name: Text
    date: str
    listed: tuple[SheetsLine, ...]


class ParcelList(Model):
    """Oldest first; `expected` have not come yet. `case`, `case_item`: of the draft in hand here, ''."""

    seq: int
    parcels: tuple[ParcelSnapshot, ...]
    expected: tuple[ExpectedParcel, ...] = ()
    case: str
    case_item: str


class Sheets(Model):
    material: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    sheets: int = Field(ge=1, le=999)


class SignParcelRequest(Act):
    """`waybill`, `application`: in capitals; of an announced one `listed` is not used.

    `pin`: of who opened it together with the clerk; needed where list and count differ, '' else.
    """

    waybill: str = Field(pattern=r"^[A-Z0-9-]{4,40}$")
    courier: Courier
    application: str = Field(default="", pattern=r"^[A-Z0-9-]{0,40}$")
    item: str
    listed: tuple[Sheets, ...] = Field(default=(), max_length=50)
    counted: tuple[Sheets, ...] = Field(default=(), max_length=50)
    pin: SecretStr = Field(default=SecretStr(""), max_length=12)


class MatchParcelRequest(Act):
    case: str
