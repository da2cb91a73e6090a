"""打印复印: what there is of an item on paper, and what somebody at a kiosk wants printed."""

import re
from dataclasses import dataclass, field
from typing import Final

from edge.catalogue import ServiceItem
from edge.catalogue.item import Material
from edge.rules.copy_records import CopyBy, CopyKind

LEAST_LABELS: Final = 3  # fewer are a sentence, not a form
_PIECE: Final = re.compile(r"\s*[；;]\s*")
_LABEL: Final = re.compile(r"([^：:]{1,24}?)\s*[：:]")


class NoPages(ValueError):
    """A paper of one's own was to be printed, and no page of it was taken, or it is forgotten already."""


@dataclass(frozen=True, slots=True)
class CopyWish:
    """`pages`: JPEG pictures of a paper of one's own, else () and the `item` whose paper it is."""

    kiosk: str
    kind: CopyKind
    account: str
    by: CopyBy
    item: str = ""
    language: str = "zh-Hans"
    pages: tuple[bytes, ...] = field(default=(), repr=False)


def job_of(request: str) -> str:
    """The printer's name of a request's print: it remembers it, too."""
    return f"c:{request}"


def kinds(item: ServiceItem) -> tuple[CopyKind, ...]:
    """What there is of an item on paper, in the order in which people ask."""
    samples = [each for each in item.materials if each.sample is not None]
    found: list[CopyKind] = ["guide"]
    if any(labels(each, "zh-Hans") for each in samples):
        found.append("form")
    if samples:
        found.append("sample")
    return tuple(found)


def pieces(material: Material, language: str) -> tuple[str, ...]:
    """The filled sample, an entry a piece."""
    text = material.sample or {}
    own = text.get(language) or text.get("zh-Hans", "")  # type: ignore[call-overload]
    return tuple(piece for piece in _PIECE.split(own) if piece)


def labels(material: Material, language: str) -> tuple[str, ...]:
    """What a filled form asks for, in its order; () where the sample is a sentence."""
    found = [match[1] for piece in pieces(material, language) if (match := _LABEL.match(piece))]
    return tuple(found) if len(found) >= LEAST_LABELS else ()
