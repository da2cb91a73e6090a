"""Which configuration a program starts with: one bad line never keeps a hall closed."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.site import Site
from edge.site_check import Drivers, InstalledDrivers, Mistake, SiteMistakes, check_site, read_site

LAST_GOOD = "site.last-good.yaml"
CHECKED = "site.checked"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`raw` is what `site` was read from; `mistakes` those of the wanted file; `stale`: the last good one is used."""

    site: Site
    raw: bytes
    mistakes: tuple[Mistake, ...] = ()
    stale: bool = False


def choose_site(wanted: Path, keep: Path, *, drivers: Drivers | None = None) -> Chosen:
    """A good file is used and kept in folder `keep`. With mistakes only at devices it is used, those devices show them.

    Otherwise the last good file is used. Raises SiteMistakes when there is none, OSError when nothing can be read.
    """
    raw = wanted.read_bytes()
    seal = _seal(raw) if drivers is None else b""
    if (known := _as_before(raw, keep, seal)) is not None:
        return Chosen(known, raw)
    site, mistakes = check_site(raw, drivers or InstalledDrivers())
    if site is not None and not mistakes:
        _keep(raw, keep / LAST_GOOD)
        if seal:
            with suppress(OSError):  # a full disk costs the next start a second
                _keep(seal, keep / CHECKED)
        return Chosen(site, raw)
    if site is not None and all(mistake.path.startswith("devices") for mistake in mistakes):
        return Chosen(site, raw, tuple(mistakes))
    if not (keep / LAST_GOOD).exists():
        raise SiteMistakes(mistakes)
    kept = (keep / LAST_GOOD).read_bytes()
    good, _ = check_site(kept, drivers or InstalledDrivers())
    if good is None:
        raise SiteMistakes(mistakes)
    return Chosen(good, kept, tuple(mistakes), stale=True)


def _as_before(raw: bytes, keep: Path, seal: bytes) -> Site | None:
    """The site of a file that the same programs found without mistakes before: a check imports every driver it names,
    which a restart after a power cut need not wait for."""
    for path, content in ((keep / LAST_GOOD, raw), (keep / CHECKED, seal)):
        if not content or not path.is_file() or path.read_bytes() != content:
            return None
    return read_site(raw)


def _seal(raw: bytes) -> bytes:
    """Of this file and the drivers that are installed."""
    return hashlib.sha256(raw + InstalledDrivers().release().encode()).hexdigest().encode()


def _keep(raw: bytes, path: Path) -> None:
    if path.exists() and path.read_bytes() == raw:
        return
    draft = path.with_name(f"{path.name}.new")
    with draft.open("wb") as handle:
        handle.write(raw)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(draft, path)
