"""The form of the catalogue's files. Any file may hold any of the three sections; ids are unique over the folder.

Field list after GB/T 39046-2020 table 4, as far as a station needs it; codes stay opaque texts.
"""

from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from edge.site_sections.form import Id, Text
from edge.site_sections.places import Topic as Topic

Level = Literal["station", "street", "district"]
"""Where an item is accepted: 社区公共服务站, 街道, 区."""

Decider = Literal["station", "street", "district", "city", "department"]
Kind = Literal["instant", "promised"]
"""办件类型: 即办件, 承诺件."""

MaterialForm = Literal["paper", "electronic", "reusable"]
"""`reusable`: known to the base library already, no paper is asked for where the line is up."""

Delivery = Literal["counter", "kiosk", "mail", "electronic", "bank"]
Audience = Literal["elderly", "disabled", "veteran", "family", "child", "newcomer", "jobseeker", "low-income", "tenant"]
Fact = Literal[
    "kind",
    "limits",
    "decides",
    "levels",
    "materials",
    "conditions",
    "fee",
    "result",
    "delivery",
    "appointment",
    "online",
]
FACTS: Final[tuple[Fact, ...]] = get_args(Fact)
"""What an item claims. Each is either said by one of its sources or listed as unverified; the loader insists."""

Days = Annotated[int, Field(ge=0, le=366)]
Copies = Annotated[int, Field(ge=0, le=20)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Reuse(Part):
    """From where something may be used again (复用): the base library, an earlier case. `days`: how old it may be."""

    sources: Annotated[tuple[Literal["base", "case"], ...], Field(min_length=1)] = ("base", "case")
    days: Days | None = None


class KnownField(Part):
    """信息项: what an application wants to know and nobody is asked for who is held with it. `id` as a material's."""

    id: Id
    name: Text
    reuse: Reuse = Reuse()


class MaterialEntry(Part):
    """A material as the folder knows it once; items refer to it by its id. `sample`: how a filled one looks.

    `reuse`: of a reusable one only.
    """

    name: Text
    form: MaterialForm
    note: Text | None = None
    sample: Text | None = None
    reuse: Reuse | None = None


class Needed(Part):
    """A material as one item wants it. `form`, `note`, `sample`, `reuse` replace those of the material."""

    of: Id
    originals: Copies = 0
    copies: Copies = 0
    mandatory: bool = True
    form: MaterialForm | None = None
    note: Text | None = None
    sample: Text | None = None
    reuse: Reuse | None = None


class PartLimit(Part):
    """Working days that one department has for its part of a case, from the day on which it begins."""

    unit: Id
    promised: Days


class Limits(Part):
    """`legal`, `promised` in working days; `legal_calendar` in days where the law counts those. None = not known.

    `parts`: of departments whose parts are timed by themselves, one behind the other or side by side.
    """

    legal: Days | None = None
    legal_calendar: Days | None = None
    promised: Days | None = None
    note: Text | None = None
    parts: tuple[PartLimit, ...] = ()

    @property
    def working_days(self) -> int | None:
        """What a due date is counted with: the promised limit, else the legal one, None where neither is known."""
        return self.legal if self.promised is None else self.promised


class Decides(Part):
    """Who takes the decision. `unit`: id from the section `units`, None = the accepting place itself."""

    level: Decider
    unit: Id | None = None


class Fee(Part):
    """`free`: None = not known."""

    free: bool | None = None
    note: Text | None = None


class Codes(Part):
    """基本编码 and 实施编码 of the centre. Never made up: None until the centre gives them."""

    basic: str | None = None
    implementation: str | None = None


class Source(Part):
    """Where something was read. `at`: public address, or `github:owner/name/path`. `says`: the facts found there."""

    title: str
    at: str
    says: tuple[Fact, ...] = ()


class Kiosk(Part):
    """`shown` is False for what must not be offered to citizens directly."""

    shown: bool = True
    tags: tuple[Audience, ...] = ()


class NotAdmitted(Part):
    """Not taken in at the hall's windows, as the district's government decided (意见四(一)1).

    `secret` 涉密, `premises` 场地限制. `where`: who takes it in, and how.
    """

    why: Literal["secret", "premises"]
    where: Text


class ItemEntry(Part):
    """One 事项. `initials`: of the pinyin of name and aliases. `unverified`: True = all that no source says."""

    id: Id
    name: Text
    aliases: tuple[str, ...] = ()
    initials: tuple[str, ...]
    topic: Topic
    kind: Kind
    limits: Limits
    decides: Decides
    accepted_at: tuple[Level, ...]
    materials: tuple[Needed, ...] = ()
    no_materials: bool = False
    conditions: tuple[Text, ...] = ()
    fee: Fee
    result: Text | None = None
    delivery: tuple[Delivery, ...] = ()
    appointment: bool | None = None
    online: bool | None = None
    codes: Codes = Codes()
    kiosk: Kiosk = Kiosk()
    not_admitted: NotAdmitted | None = None
    fields: tuple[KnownField, ...] = ()
    sources: tuple[Source, ...] = ()
    unverified: bool | tuple[Fact, ...] = ()


class CatalogueFile(Part):
    units: dict[Id, Text] = Field(default_factory=dict)
    materials: dict[Id, MaterialEntry] = Field(default_factory=dict)
    items: tuple[ItemEntry, ...] = ()
