"""Record kinds and commands of papers sent by post (邮寄): announced, signed for, counted against the list.

The subject is the parcel, `parcel:<ulid>`. Who sent it stands nowhere: the case it is given to knows its applicant.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from edge.rules.about import About
from edge.rules.body import Body
from edge.rules.command import Command

Code40 = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{4,40}$")]
Material = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class Sheets(Body):
    """Of one material; 0 is never listed."""

    material: Material
    sheets: int = Field(ge=1, le=999)


class ParcelDifference(Body):
    """`listed` by the sender, `counted` here; either may be 0."""

    material: str
    listed: int
    counted: int


class ParcelExpected(Body):
    """An online application whose papers come by post, as the centre tells it; `listed`: what it says is sent.

    `waybill`, `courier`: '' until the sender has told them. `gone`: the centre has taken it back.
    """

    about: About
    application: str
    waybill: str
    courier: str
    item: str
    listed: tuple[Sheets, ...]
    date: str
    gone: bool


class ParcelSigned(Body):
    """签收. `application`: number of the online application, '' where the sender named none.

    `witness`: who opened it together with `clerk`; '' only where list and count are the same.
    """

    waybill: str
    courier: str
    application: str
    item: str
    listed: tuple[Sheets, ...]
    counted: tuple[Sheets, ...]
    differences: tuple[ParcelDifference, ...]
    date: str
    at: str
    window: str
    clerk: str
    witness: str


class ParcelMatched(Body):
    """Its papers belong to `case` from now on."""

    case: str
    date: str
    at: str
    window: str
    clerk: str


class ExpectParcel(Command):
    """By the centre: what an online application says is sent by post. A newer revision corrects it."""

    do: Literal["parcel.expect"] = "parcel.expect"
    about: About
    application: Code40
    waybill: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{0,40}$")] = ""
    courier: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,32}$")] = ""
    item: str
    listed: tuple[Sheets, ...] = Field(min_length=1, max_length=50)


class SignParcel(Command):
    """No turn is needed. The differences are what the rules find, not what somebody says. `witness`: as recorded.

    Of one that the centre announced, by waybill or application, the list is the application's and not `listed`.
    """

    do: Literal["parcel.sign"] = "parcel.sign"
    window: str
    waybill: Code40
    courier: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
    application: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{0,40}$")] = ""
    item: str
    listed: tuple[Sheets, ...] = Field(default=(), max_length=50)
    counted: tuple[Sheets, ...] = Field(default=(), max_length=50)
    witness: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,32}$")


class MatchParcel(Command):
    """To the draft in the clerk's hands."""

    do: Literal["parcel.match"] = "parcel.match"
    window: str
    parcel: str
    case: str


PARCEL_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("parcel.expected", 1): ParcelExpected,
    ("parcel.signed", 2): ParcelSigned,
    ("parcel.matched", 1): ParcelMatched,
}
