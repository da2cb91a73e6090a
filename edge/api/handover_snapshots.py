"""Batches -> what a clerk's page shows: what may be handed over, and what was counted against what was sealed. Pure."""

from edge.api.case_schema import Text
from edge.api.case_snapshots import unit_names
from edge.api.dossier_snapshots import any_material, place_names
from edge.api.handover_schema import BatchLine, BatchList, BatchSnapshot, Ready
from edge.api.port import HallPort
from edge.api.sessions import PinHolder
from edge.rules.dossier_offers import offers
from edge.rules.handover_state import Batch


def listed(hall: HallPort) -> BatchList:
    """Unsigned and differing ones first, the newest before the older."""
    batches = [snapshot(hall, each) for each in reversed(hall.state.batches.values())]
    batches.sort(key=lambda one: bool(one.signer) and not one.differences)
    return BatchList(seq=hall.state.seq, batches=tuple(batches), ready=_ready(hall))


def snapshot(hall: HallPort, batch: Batch) -> BatchSnapshot:
    sheet = batch.sheet
    return BatchSnapshot(
        batch=batch.uid,
        number=sheet.number,
        what=sheet.what,
        frm=sheet.frm,
        to=sheet.to,
        to_name=_names(hall).get(sheet.to) or {"zh-Hans": sheet.to},
        sealed_by=person_name(hall, sheet.sealed_by) if not batch.incoming else sheet.sealed_by,
        sealed_at=batch.sealed_at,
        signer=person_name(hall, batch.signer),
        signed_at=batch.signed_at,
        incoming=batch.incoming,
        lines=_lines(hall, batch),
        differences=len(batch.differences),
        sheet=sheet,
    )


def _lines(hall: HallPort, batch: Batch) -> tuple[BatchLine, ...]:
    open_ = {(each.case, each.material): each.counted for each in batch.differences}
    names = any_material(hall.catalogue, (line.material for line in batch.sheet.lines))
    numbers = {each.case: each.number for each in batch.sheet.passengers}
    return tuple(
        BatchLine(
            case=line.case,
            number=numbers.get(line.case) or _number(hall, line.case),
            material=line.material,
            name=names.get(line.material) or {"zh-Hans": line.material},
            sheets=line.sheets,
            counted=open_.get((line.case, line.material), line.sheets) if batch.signer else None,
            open=(line.case, line.material) in open_,
        )
        for line in batch.sheet.lines
    )


def _ready(hall: HallPort) -> tuple[Ready, ...]:
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for dossier in hall.state.dossiers.values():
        if dossier.uid in hall.state.frozen:
            continue
        can = offers(dossier, hall.state.date, hall.books)
        if "papers" in can:
            found.setdefault(("materials", dossier.unit), []).append((dossier.uid, dossier.number))
        if "hand" in can:
            found.setdefault(("results", dossier.pickup), []).append((dossier.uid, dossier.number))
    names = _names(hall)
    return tuple(
        Ready.model_validate(
            {
                "what": what,
                "to": to,
                "to_name": names.get(to) or {"zh-Hans": to},
                "cases": [case for case, _ in cases],
                "numbers": [number for _, number in cases],
            }
        )
        for (what, to), cases in sorted(found.items())
    )


def _names(hall: HallPort) -> dict[str, Text]:
    return unit_names(hall.catalogue) | place_names(hall)


def _number(hall: HallPort, case: str) -> str:
    dossier = hall.state.dossiers.get(case)
    return dossier.number if dossier else ""


def person_name(hall: HallPort, person: str) -> str:
    people: tuple[PinHolder, ...] = (*hall.site.clerks, *hall.site.leads, *hall.site.cases.messengers)
    return next((each.name for each in people if each.id == person), person)
