"""Whether what was brought is what the item wants: form and number only, nothing is judged here (形式审查)."""

import hashlib
import json
from collections.abc import Iterable
from typing import Final

from edge.rules.case_commands import MarkMaterial
from edge.rules.case_records import LackWhy, MarkForm, MarkState, Point, Requirement, TakenMaterial
from edge.rules.case_state import Case, Mark
from edge.rules.codes import Code, refusal

_FORMS: Final[dict[MarkState, frozenset[MarkForm]]] = {
    "provided": frozenset({"paper", "scan"}),
    "missing": frozenset({"none"}),
    "defect": frozenset({"paper", "scan"}),
    "reused": frozenset({"reused"}),
}


def require_known(case: Case, material: str) -> Requirement:
    found = case.requirement(material)
    if found is None:
        raise refusal(Code.MATERIAL_UNKNOWN)
    return found


def require_clear(command: MarkMaterial, requirement: Requirement) -> None:
    """Refuse a mark that says two things: a missing paper with copies, a defect without a word for it."""
    fits = command.form in _FORMS[command.state] and (command.state == "defect") == bool(command.defect)
    if command.state in ("missing", "reused"):
        fits = fits and command.originals == command.copies == 0
    if not fits:
        raise refusal(Code.MARK_UNCLEAR)
    if command.state == "reused" and not requirement.reusable:
        raise refusal(Code.MATERIAL_NOT_REUSABLE)


def lacking(case: Case) -> tuple[Point, ...]:
    """Mandatory materials that are not as wanted, in the order of the catalogue. Not looked at yet = missing."""
    return tuple(point for point in _points(case) if _is_mandatory(case, point))


def to_tell(case: Case) -> tuple[Point, ...]:
    """All that a notice must name: what is lacking, and what is wrong with a material that nobody had to bring."""
    return tuple(
        point for point in _points(case) if _is_mandatory(case, point) or case.marks[point.material].state == "defect"
    )


def taken(case: Case) -> tuple[TakenMaterial, ...]:
    """What is in the file when it is received: every marked material, in the order of the catalogue."""
    return tuple(
        TakenMaterial(
            material=each.material,
            state=mark.state,
            form=mark.form,
            originals=mark.originals,
            copies=mark.copies,
            defect=mark.defect,
            pages=case.pages_of(each.material),
        )
        for each in case.materials
        if (mark := case.marks.get(each.material)) is not None
    )


def digest(points: Iterable[Point]) -> str:
    """SHA-256 of the points as canonical JSON: the same list is the same digest in every release."""
    listed = [[point.material, point.why] for point in points]
    return hashlib.sha256(json.dumps(listed, separators=(",", ":")).encode("ascii")).hexdigest()


def _points(case: Case) -> list[Point]:
    """Everything not as wanted; of a material that need not be there only what was marked."""
    found = []
    for requirement in case.materials:
        mark = case.marks.get(requirement.material)
        if mark is None and not requirement.mandatory:
            continue
        why = _why(requirement, mark, bool(case.pages_of(requirement.material)))
        if why is not None:
            found.append(Point(material=requirement.material, why=why))
    return found


def _why(requirement: Requirement, mark: Mark | None, has_pages: bool) -> LackWhy | None:
    if mark is None or mark.state == "missing":
        return "missing"
    if mark.state == "defect":
        return mark.defect or "other"
    if mark.state == "reused":
        return None
    if mark.form == "scan":
        return None if has_pages else "no_pages"
    enough = mark.originals >= requirement.originals and mark.copies >= requirement.copies
    return None if enough else "too_few"


def _is_mandatory(case: Case, point: Point) -> bool:
    return any(each.material == point.material and each.mandatory for each in case.materials)
