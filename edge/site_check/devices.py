"""Devices of a site file against their drivers: options, links, buses, and what each place needs."""

import time
from collections.abc import Iterator
from random import Random
from typing import Any, Final

from pydantic import ValidationError

from drivers.contract import Context, Driver, Kind
from drivers.errors import BadConfig
from drivers.links import make_link
from drivers.links.url import kind_of
from edge.site_check.drivers import DriverBroken, Drivers
from edge.site_check.mistakes import Mistake, Path, nearest
from edge.site_check.places import Sheet
from edge.site_check.references import items, mistake_at, repeated
from edge.site_check.schema import explain

_NEEDS: Final = (
    ("windows", "display", Kind.DISPLAY),
    ("windows", "keypad", Kind.KEYPAD),
    ("windows", "pad", Kind.RATING_PAD),
    ("windows", "camera", Kind.CAMERA),
    ("windows", "reader", Kind.ID_READER),
    ("windows", "printer", Kind.PRINTER),
    ("kiosks", "reader", Kind.ID_READER),
    ("kiosks", "printer", Kind.PRINTER),
    ("kiosks", "office", Kind.PRINTER),
    ("kiosks", "camera", Kind.CAMERA),
    ("devices", "bus", Kind.BUS),
)


def check_devices(sheet: Sheet, drivers: Drivers) -> list[Mistake]:
    """Mistakes of the devices, each looked at even when another one is broken."""
    found: list[Mistake] = []
    classes = _classes(sheet, drivers, found)
    for path, device in items(sheet, "devices"):
        cls = classes.get(str(device.get("id")))
        found += _connection(sheet, path, device, cls)
        if cls is not None:
            found += _options(sheet, path, device, cls)
    found += _kinds(sheet, classes)
    found += _bus_drivers(sheet, classes)
    found += _stations_elsewhere(sheet)
    found += repeated(sheet, items(sheet, "devices"), _peer, "link", "link_twice")
    found += repeated(sheet, items(sheet, "devices"), _station, "options.address", "address_twice")
    return found


def _classes(sheet: Sheet, drivers: Drivers, found: list[Mistake]) -> dict[str, type[Driver]]:
    """Driver class by device id; a name that leads to none becomes a mistake."""
    classes: dict[str, type[Driver]] = {}
    for path, device in items(sheet, "devices"):
        name = device.get("driver")
        if not isinstance(name, str):
            continue
        where = (*path, "driver")
        if name not in drivers.names():
            close = nearest(name, drivers.names())
            found.append(mistake_at(sheet, where, "unknown_driver", f'"{close}"' if close else "", value=name))
            continue
        try:
            classes.setdefault(str(device.get("id")), drivers.load(name))
        except DriverBroken as error:
            found.append(mistake_at(sheet, where, "driver_broken", value=name, problem=str(error)))
    return classes


def _connection(sheet: Sheet, path: Path, device: dict[str, Any], cls: type[Driver] | None) -> Iterator[Mistake]:
    link, bus = device.get("link"), device.get("bus")
    if link is None and bus is None:
        yield mistake_at(sheet, path, "no_link")
    elif link is not None and bus is not None:
        yield mistake_at(sheet, (*path, "bus"), "link_and_bus")
    if not isinstance(link, str):
        return
    scheme = link.partition(":")[0]
    schemes = [] if cls is None else [kind for kind in cls.info.links if not kind.startswith("bus:")]
    if cls is not None and not {scheme, kind_of(scheme)} & set(cls.info.links):
        close = nearest(scheme, schemes)
        values = {"value": scheme, "driver": device["driver"], "allowed": ", ".join(schemes) or "bus"}
        yield mistake_at(sheet, (*path, "link"), "link_kind", close, **values)
        return
    try:
        make_link(link, Context(clock=time.monotonic, random=Random(0), note=_say_nothing))
    except BadConfig as error:
        yield mistake_at(sheet, (*path, "link"), "link_form", value=link, problem=str(error))


def _say_nothing(*_: object, **__: object) -> None:
    """A link that is only built to check its URL has nothing to note."""


def _options(sheet: Sheet, path: Path, device: dict[str, Any], cls: type[Driver]) -> list[Mistake]:
    """The options against the driver's Config; unknown ones too when Config lets them pass unseen."""
    given = device.get("options", {})
    if not isinstance(given, dict):
        return []
    base = (*path, "options")
    found: list[Mistake] = []
    try:
        cls.Config.model_validate(given)
    except ValidationError as error:
        found = explain(sheet, error.errors(), cls.Config, base)
    if cls.Config.model_config.get("extra", "ignore") == "ignore":
        known = {field.alias or name for name, field in cls.Config.model_fields.items()}
        for name in given.keys() - known:
            place = sheet.key((*base, name))
            where = mistake_at(sheet, (*base, name), "unknown_key").path
            found.append(Mistake(place.line, place.column, where, "unknown_key", {"name": name}, nearest(name, known)))
    return found


def _kinds(sheet: Sheet, classes: dict[str, type[Driver]]) -> Iterator[Mistake]:
    for section, field, wanted in _NEEDS:
        for path, entry in items(sheet, section):
            yield from _kind(sheet, (*path, field), entry.get(field), wanted, classes)
    announcements = sheet.data.get("announcements")
    if isinstance(announcements, dict):
        speaker = announcements.get("speaker")
        yield from _kind(sheet, ("announcements", "speaker"), speaker, Kind.SPEAKER, classes)
        areas = announcements.get("areas")
        for area, own in areas.items() if isinstance(areas, dict) else ():
            yield from _kind(sheet, ("announcements", "areas", area), own, Kind.SPEAKER, classes)


def _kind(sheet: Sheet, path: Path, device: Any, wanted: Kind, classes: dict[str, type[Driver]]) -> Iterator[Mistake]:
    cls = classes.get(device) if isinstance(device, str) else None
    if cls is None or cls.info.kind == wanted:
        return
    fitting = [name for name, other in classes.items() if other.info.kind == wanted]
    close = nearest(str(device), fitting) or (fitting[0] if len(fitting) == 1 else "")
    values = {"value": device, "is_kind": cls.info.kind.value, "wanted": wanted.value}
    yield mistake_at(sheet, path, "wrong_kind", f'"{close}"' if close else "", **values)


def _bus_drivers(sheet: Sheet, classes: dict[str, type[Driver]]) -> Iterator[Mistake]:
    names = {str(device.get("id")): device.get("driver") for _, device in items(sheet, "devices")}
    for path, device in items(sheet, "devices"):
        cls, bus = classes.get(str(device.get("id"))), device.get("bus")
        bus_cls = classes.get(bus) if isinstance(bus, str) else None
        if cls is None or bus_cls is None or bus_cls.info.kind != Kind.BUS:
            continue
        if f"bus:{names[str(bus)]}" not in cls.info.links:
            yield mistake_at(sheet, (*path, "bus"), "wrong_bus", value=bus, driver=device["driver"])


def _stations_elsewhere(sheet: Sheet) -> Iterator[Mistake]:
    """A station runs where its bus runs; a host of its own would be a promise that nobody keeps."""
    hosts = {str(device.get("id")): device.get("host", "main") for _, device in items(sheet, "devices")}
    for path, device in items(sheet, "devices"):
        bus = device.get("bus")
        if isinstance(bus, str) and bus in hosts and device.get("host", hosts[bus]) != hosts[bus]:
            values = {"value": device["host"], "bus": bus}
            yield mistake_at(sheet, (*path, "host"), "bus_elsewhere", f'"{hosts[bus]}"', **values)


def _peer(device: dict[str, Any]) -> Any:
    """What is at the other end, without the settings behind `?`; two machines have ports of the same name."""
    link = device.get("link")
    if not isinstance(link, str) or link.startswith("file:"):
        return None
    return device.get("host", "main"), link.partition("?")[0]


def _station(device: dict[str, Any]) -> Any:
    """Bus, kind of station and address: a keypad and a pad of one window share theirs (protocols/caller.md)."""
    options = device.get("options")
    address = options.get("address") if isinstance(options, dict) else None
    return None if address is None or "bus" not in device else (device["bus"], device.get("driver"), address)
