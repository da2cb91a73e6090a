"""Parcels that are announced, and those that were signed for and belong to no case yet."""

from edge.rules.parcel_records import ParcelDifference, Sheets
from edge.rules.part import Part


class Parcel(Part):
    uid: str
    waybill: str
    application: str
    item: str
    counted: tuple[Sheets, ...]
    differences: tuple[ParcelDifference, ...]
    date: str
    signed_at: str
    witness: str = ""


class Expected(Part):
    """`uid`: the parcel's, from now on. `rev`: of the centre's item."""

    uid: str
    rev: int
    application: str
    waybill: str
    courier: str
    item: str
    listed: tuple[Sheets, ...]
    date: str
