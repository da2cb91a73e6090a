"""办事指南 of one item: what stands in it, from the catalogue and the place alone, in every language at once.

Kiosk and paper show these sections as they are, so that they cannot differ; what is not known is said to be so.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from config.words import LANGUAGES, Words, load
from edge.catalogue.item import Material, ServiceItem
from edge.catalogue.schema import Fact
from edge.site_sections.form import Text

SectionId = Literal["who", "materials", "steps", "time", "fee", "where", "basis"]
# Which facts of the catalogue a section repeats: without a source of one of them the section is marked.
_FACTS: Final[dict[SectionId, tuple[Fact, ...]]] = {
    "who": ("conditions",),
    "materials": ("materials",),
    "steps": ("decides", "result", "delivery"),
    "time": ("kind", "limits"),
    "fee": ("fee",),
    "where": ("levels",),
    "basis": (),
}
_UNKNOWN: Final = "guide.unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is handled. `accepts`: this hall takes the item in; `windows` numbers, `hours` as `09:00-12:00`."""

    hall: Text
    phone: str
    accepts: bool
    area: Text = field(default_factory=dict)
    windows: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """`sure` is False where a fact of it has no source yet."""

    id: SectionId
    title: Text
    lines: tuple[Text, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """One language of a guide."""

    words: Words
    language: str

    def own(self, text: Text) -> str:
        found: Mapping[Any, str] = text
        return found.get(self.language) or found.get("zh-Hans", "")


_Lines = Callable[[ServiceItem, Place, _Said], Iterator[str]]


def sections(item: ServiceItem, place: Place) -> tuple[Section, ...]:
    """In the order in which a citizen asks."""
    spoken = [_Said(load(language, "ticket"), language) for language in LANGUAGES]
    told = (_section(name, lines, item, place, spoken) for name, lines in _SECTIONS.items())
    return tuple(section for section in told if section.lines)


def _section(name: SectionId, lines: _Lines, item: ServiceItem, place: Place, spoken: list[_Said]) -> Section:
    said = {each.language: list(lines(item, place, each)) for each in spoken}
    count = len(said[LANGUAGES[0]])
    return Section(
        id=name,
        title=_by_language({each.language: each.words[f"guide.{name}"] for each in spoken}),
        lines=tuple(_by_language({language: texts[n] for language, texts in said.items()}) for n in range(count)),
        sure=not set(_FACTS[name]) & set(item.unverified),
    )


def _by_language(texts: dict[str, str]) -> Text:
    return {language: texts[language] for language in ("zh-Hans", "zh-Hant", "en")}


def _who(item: ServiceItem, place: Place, say: _Said) -> Iterator[str]:
    for condition in item.conditions:
        yield say.own(condition)
    if not item.conditions:
        yield say.words[_UNKNOWN if "conditions" in item.unverified else "guide.everybody"]


def _materials(item: ServiceItem, place: Place, say: _Said) -> Iterator[str]:
    for n, material in enumerate(item.materials, 1):
        yield _material(n, material, say)
        if material.note is not None:
            yield say.words.say("guide.note", text=say.own(material.note))
        if material.sample is not None:
            yield say.words.say("guide.sample", text=say.own(material.sample))
    if not item.materials:
        yield say.words[_UNKNOWN if "materials" in item.unverified else "guide.nothing"]


def _material(n: int, material: Material, say: _Said) -> str:
    words = say.words
    amounts = {"originals": material.originals, "copies": material.copies}
    parts = [words.say(f"case.{name}", count=count) for name, count in amounts.items() if count]
    if material.form != "paper":
        parts.append(words[f"guide.form.{material.form}"])
    if not material.mandatory:
        parts.append(words["guide.if_it_applies"])
    line = words.say("case.material", n=n, name=say.own(material.name))
    return words.say("guide.amount", line=line, amount=words["guide.join"].join(parts)) if parts else line


def _steps(item: ServiceItem, place: Place, say: _Said) -> Iterator[str]:
    words = say.words
    told = [words["guide.step.number"], words["guide.step.window"], _decision(item, say), _result(item, say)]
    for n, step in enumerate(filter(None, told), 1):
        yield words.say("case.material", n=n, name=step)


def _decision(item: ServiceItem, say: _Said) -> str:
    if item.kind == "instant":
        return say.words["guide.step.instant"]
    if item.decides.name is not None:
        return say.words.say("guide.step.unit", unit=say.own(item.decides.name))
    return say.words[f"guide.step.{item.decides.level}"]


def _result(item: ServiceItem, say: _Said) -> str:
    words = say.words
    ways = words["guide.or"].join(words[f"guide.delivery.{way}"] for way in item.delivery)
    if item.result is None:
        return ways
    result = say.own(item.result)
    return words.say("guide.step.result", result=result, ways=ways) if ways else result


def _time(item: ServiceItem, place: Place, say: _Said) -> Iterator[str]:
    words, limits = say.words, item.limits
    yield words[f"case.kind.{item.kind}"]
    known = {
        "promised": limits.promised,
        "legal": limits.legal,
        "legal_calendar": limits.legal_calendar,
    }
    for name, days in known.items():
        if days is not None:
            yield words.say(f"guide.limit.{name}", days=days)
    if all(days is None for days in known.values()) and item.kind != "instant":
        yield words["guide.limit.unknown"]
    if limits.note is not None:
        yield say.own(limits.note)


def _fee(item: ServiceItem, place: Place, say: _Said) -> Iterator[str]:
    known = {True: "guide.free", False: "guide.not_free", None: _UNKNOWN}
    yield say.words[known[item.fee.free]]
    if item.fee.note is not None:
        yield say.own(item.fee.note)


def _where(item: ServiceItem, place: Place, say: _Said) -> Iterator[str]:
    words = say.words
    if place.accepts:
        yield say.own(place.hall)
        if place.windows:
            numbers = words["window_join"].join(place.windows)
            yield words.say("where", area=say.own(place.area), windows=numbers).strip()
        if place.hours:
            yield words.say("guide.hours", hours=words["guide.join"].join(place.hours))
    else:
        levels = words["guide.or"].join(words[f"guide.level.{level}"] for level in item.accepted_at)
        yield words.say("guide.elsewhere", levels=levels)
    yield words.say("phone", phone=place.phone)


def _basis(item: ServiceItem, place: Place, say: _Said) -> Iterator[str]:
    """The statutes and guides that say so, by their own titles."""
    for source in item.sources:
        yield source.title


_SECTIONS: Final[dict[SectionId, _Lines]] = {
    "who": _who,
    "materials": _materials,
    "steps": _steps,
    "time": _time,
    "fee": _fee,
    "where": _where,
    "basis": _basis,
}
