"""Parcels without a case -> what a clerk's page shows. Pure."""

from edge.api.case_schema import Text
from edge.api.dossier_snapshots import any_material
from edge.api.handover_snapshots import person_name
from edge.api.parcel_schema import ExpectedParcel, ParcelList, ParcelSnapshot, SheetsLine
from edge.api.port import HallPort
from edge.rules import case_look
from edge.rules.parcel_state import Expected, Parcel


def listed(hall: HallPort, window: str) -> ParcelList:
    ticket = hall.state.tickets.get(hall.state.windows[window].ticket)
    draft = case_look.open_in(hall.state, ticket) if ticket else None
    waiting = [parcel for parcel in hall.state.parcels.values() if parcel.uid not in hall.state.frozen]
    return ParcelList(
        seq=hall.state.seq,
        parcels=tuple(_parcel(hall, each) for each in sorted(waiting, key=lambda one: one.signed_at)),
        expected=tuple(
            _expected(hall, each) for each in sorted(hall.state.expected.values(), key=lambda one: one.date)
        ),
        case=draft.uid if draft else "",
        case_item=draft.item if draft else "",
    )


def _parcel(hall: HallPort, parcel: Parcel) -> ParcelSnapshot:
    item = hall.catalogue.items.get(parcel.item)
    counted = {each.material: each.sheets for each in parcel.counted}
    said = {each.material: each.listed for each in parcel.differences}
    names = any_material(hall.catalogue, {*counted, *said})
    return ParcelSnapshot(
        parcel=parcel.uid,
        waybill=parcel.waybill,
        application=parcel.application,
        item=parcel.item,
        item_name=dict(item.name) if item else {"zh-Hans": parcel.item},
        date=parcel.date,
        at=parcel.signed_at,
        counted=tuple(_line(names, each, said.get(each, n), n) for each, n in counted.items()),
        differences=tuple(_line(names, each.material, each.listed, each.counted) for each in parcel.differences),
        witness=person_name(hall, parcel.witness),
    )


def _expected(hall: HallPort, each: Expected) -> ExpectedParcel:
    item = hall.catalogue.items.get(each.item)
    names = any_material(hall.catalogue, {line.material for line in each.listed})
    return ExpectedParcel(
        parcel=each.uid,
        application=each.application,
        waybill=each.waybill,
        courier=each.courier,
        item=each.item,
        item_name=dict(item.name) if item else {"zh-Hans": each.item},
        date=each.date,
        listed=tuple(_line(names, line.material, line.sheets, 0) for line in each.listed),
    )


def _line(names: dict[str, Text], material: str, said: int, found: int) -> SheetsLine:
    return SheetsLine(material=material, name=names.get(material) or {"zh-Hans": material}, listed=said, counted=found)
