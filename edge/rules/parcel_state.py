"""A parcel that was signed for and belongs to no case yet."""

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
