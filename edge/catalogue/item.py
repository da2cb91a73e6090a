"""What the rest of the program sees: the catalogue as one value that is never changed, only replaced."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import model_validator

from edge.catalogue import searching
from edge.catalogue.schema import (
    FACTS,
    Codes,
    Copies,
    Decider,
    Delivery,
    Fact,
    Fee,
    Kind,
    Kiosk,
    KnownField,
    Level,
    Limits,
    MaterialForm,
    NotAdmitted,
    Part,
    Reuse,
    Source,
    Topic,
)
from edge.site_sections.form import Id, Text


class Material(Part):
    """One line of an item's list of materials, complete."""

    id: Id
    name: Text
    form: MaterialForm
    originals: Copies
    copies: Copies
    mandatory: bool
    note: Text | None
    sample: Text | None
    reuse: Reuse | None = None


class Unit(Part):
    """Who decides. `unit` and `name` are None where the accepting place decides itself."""

    level: Decider
    unit: Id | None
    name: Text | None


class ServiceItem(Part):
    """One 事项, everything it refers to filled in. `unverified`: the facts for which no source was found."""

    id: Id
    name: Text
    aliases: tuple[str, ...]
    initials: tuple[str, ...]
    topic: Topic
    kind: Kind
    limits: Limits
    decides: Unit
    accepted_at: tuple[Level, ...]
    materials: tuple[Material, ...]
    conditions: tuple[Text, ...]
    fee: Fee
    result: Text | None
    delivery: tuple[Delivery, ...]
    appointment: bool | None
    online: bool | None
    codes: Codes
    kiosk: Kiosk
    sources: tuple[Source, ...]
    unverified: tuple[Fact, ...]
    not_admitted: NotAdmitted | None = None
    fields: tuple[KnownField, ...] = ()

    @model_validator(mode="after")
    def _is_offered_only_where_admitted(self) -> Self:
        """Also in a catalogue that came down the line: such an item is left out."""
        if self.not_admitted is not None and self.kiosk.shown:
            raise ValueError("an item that no window takes in is offered at the kiosk")
        return self

    def accepted_by(self, level: Level) -> bool:
        """所有社区事项，街道均能受理: what a station accepts, a street hall accepts too."""
        return level in self.accepted_at or (level == "street" and "station" in self.accepted_at)

    def material(self, uid: str) -> Material:
        """Raises KeyError."""
        for material in self.materials:
            if material.id == uid:
                return material
        raise KeyError(uid)


@dataclass(frozen=True, slots=True)
class Unverified:
    """For technicians: what still has to be checked against the centre's catalogue.

    `by_item`: facts without a source, by item id; `facts`, `of`: how many of all claims of the catalogue.
    """

    by_item: Mapping[str, tuple[Fact, ...]]
    facts: int
    of: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`version`: sha256 of the canonical content, 64 hex digits; a case and its receipt carry it."""

    version: str
    items: Mapping[str, ServiceItem]

    def item(self, uid: str) -> ServiceItem:
        """Raises KeyError."""
        return self.items[uid]

    def units(self) -> dict[str, Text]:
        """Names by language of every unit that decides something."""
        deciding = (item.decides for item in self.items.values())
        return {each.unit: each.name for each in deciding if each.unit and each.name}

    def items_for(self, level: Level) -> tuple[ServiceItem, ...]:
        """What a place of this level accepts, in the order of ids."""
        return tuple(item for item in self.items.values() if item.accepted_by(level))

    def search(self, text: str) -> tuple[ServiceItem, ...]:
        """Best first: by name in any language, by alias, by first letters of the pinyin. Nothing for an empty text."""
        found: list[tuple[int, str]] = []
        for item in self.items.values():
            rank = searching.rank(item.name.values(), item.aliases, item.initials, text)
            if rank is not None:
                found.append((rank, item.id))
        return tuple(self.items[uid] for _, uid in sorted(found))

    def unverified(self) -> Unverified:
        by_item = {item.id: item.unverified for item in self.items.values() if item.unverified}
        return Unverified(by_item, sum(map(len, by_item.values())), len(FACTS) * len(self.items))
