"""Lines for `devices:` of a site file, for what no line names yet: ready to be pasted, or to choose one of several."""

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import count

from config.words import load
from drivers.contract import Driver
from edge.cli_words import language, say
from edge.devices.asking import Answer
from edge.devices.discovery import DEFAULT_BAUD, Installed, Survey

_BAUD = re.compile(rf"\bbaud={DEFAULT_BAUD}\b")


def yaml_lines(
    found: Survey,
    answers: dict[str, Answer],
    installed: Installed,
    taken: Collection[str] = (),
    addresses: Iterable[str] = (),
) -> list[str]:
    """`taken`: ids of the site file; `addresses`: host:port where somebody listens.

    Where the driver is known, its line; where nobody can tell it, a commented line for each that may be right.
    """
    names = _Names(taken)
    lines: list[str] = []
    for each in found.found:
        if each.device:
            continue
        answer = answers.get(each.socket.path, Answer())
        sure = answer.driver or (each.fits[0] if len(each.fits) == 1 else "")
        where = "  ".join(part for part in (each.socket.path, each.socket.product) if part)
        lines += _of_one(where, each.link, sure, each.fits or each.possible, installed, names)
    over_network = tuple(name for name, cls in installed.items() if "tcp" in cls.info.links)
    for address in addresses:
        lines += _of_one(address, f"tcp://{address}", "", over_network, installed, names)
    return ["", "devices:", *lines] if lines else []


class _Names:
    """Ids that nobody has: a kind of device and a number."""

    def __init__(self, taken: Collection[str]) -> None:
        self._used = set(taken)

    def next(self, kinds: Collection[str]) -> dict[str, str]:
        """One number for all kinds that one device may be."""
        number = next(n for n in count(1) if self._used.isdisjoint(f"{kind}-{n}" for kind in kinds))
        self._used |= {f"{kind}-{number}" for kind in kinds}
        return {kind: f"{kind}-{number}" for kind in kinds}


def _of_one(
    where: str, link: str, sure: str, choice: Collection[str], installed: Installed, names: _Names
) -> Iterator[str]:
    drivers = {name: installed[name] for name in ([sure] if sure else choice)}
    ids = names.next({_kind(cls) for cls in drivers.values()})
    if drivers and not sure:
        yield f"  # {say('discover.choose', where=where)}"
    for name, cls in drivers.items():
        entry = f'- {{id: "{ids[_kind(cls)]}", driver: "{name}", link: "{_at_its_speed(link, cls)}"{_options(cls)}}}'
        yield f"  {entry}" if sure else f"  # {entry}  # {_called(name, cls)}"


def _kind(cls: type[Driver]) -> str:
    return cls.info.kind.value.replace("_", "-")


def _at_its_speed(link: str, cls: type[Driver]) -> str:
    return _BAUD.sub(f"baud={cls.info.bauds[0]}", link) if cls.info.bauds else link


def _options(cls: type[Driver]) -> str:
    """What the driver cannot do without, as 0 or an empty text: `hallctl check` says so until it is filled in."""
    fields = cls.Config.model_fields.items()
    wanted = {name: "0" if field.annotation is int else '""' for name, field in fields if field.is_required()}
    return f", options: {{{', '.join(f'{name}: {blank}' for name, blank in wanted.items())}}}" if wanted else ""


def _called(name: str, cls: type[Driver]) -> str:
    """As people at a window say it, and whose protocol it speaks."""
    words = load(language(), "clerk")
    known = (key for key in (f"kind.{name}", f"kind.{name.partition('.')[0]}", "kind.other") if key in words)
    return f"{words[next(known)]} {cls.info.maker}".strip()
