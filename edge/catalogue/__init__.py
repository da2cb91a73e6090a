"""The catalogue of service items (事项) and the working-day calendar, as read from `config/`."""

from edge.catalogue.calendars import HOURS_FILE, Calendars, check_calendars, load_calendars, load_hours
from edge.catalogue.item import Catalogue, Material, ServiceItem, Unit, Unverified
from edge.catalogue.loading import check_catalogue, load_catalogue
from edge.catalogue.mistakes import DataMistakes, FileMistake
from edge.catalogue.schema import FACTS, Fact, Level

__all__ = [
    "FACTS",
    "HOURS_FILE",
    "Calendars",
    "Catalogue",
    "DataMistakes",
    "Fact",
    "FileMistake",
    "Level",
    "Material",
    "ServiceItem",
    "Unit",
    "Unverified",
    "check_calendars",
    "check_catalogue",
    "load_calendars",
    "load_catalogue",
    "load_hours",
]
