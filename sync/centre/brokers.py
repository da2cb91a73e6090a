"""Broker kits: what mosquitto and NATS are told so that they carry the station link and keep sites apart.

docs/brokers.md says what each setting is for. Paths and names are checked, so that a rendered file means what it says.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

import config
from sync.protocol import names

PACKET: Final = 300_000  # protocol page, section 1
QUEUED: Final = 20_000
QUEUED_BYTES: Final = 256 * 1024 * 1024
_PLAIN: Final = re.compile(r"[A-Za-z0-9._/:-]+")
_WORKER: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


class BadName(ValueError):
    """A path, site or worker that would mean something else in the file."""


@dataclass(frozen=True, slots=True)
class Listener:
    """`workers`: common names of the centre's certificates; in lower case, so never a site's."""

    port: int
    bind: str
    authority: Path
    certificate: Path
    key: Path
    workers: Sequence[str]
    revoked: Path | None = None
    connections: int = 20_000


def mosquitto(listener: Listener, acl: Path) -> tuple[str, str]:
    """`mosquitto.conf` and the file that it names as `acl`."""
    revoked = "" if listener.revoked is None else f"crlfile {_plain(listener.revoked)}"
    text = _template("mosquitto.conf").substitute(
        _common(listener), acl=_plain(acl), revoked=revoked, queued=QUEUED, queued_bytes=QUEUED_BYTES
    )
    worker = _template("mosquitto-worker.acl")
    rules = _template("mosquitto.acl").template
    return text, rules + "".join(worker.substitute(worker=_worker(name)) for name in listener.workers)


def nats(listener: Listener, sites: Sequence[str], data: Path, *, name: str, inner_port: int) -> str:
    """`nats.conf`: every site by name, since NATS has no pattern for who connects. `data`: folder of its sessions."""
    users = [_nats_worker(worker) for worker in listener.workers] + [_nats_site(site) for site in sites]
    return _template("nats.conf").substitute(
        _common(listener), data=_plain(data), name=_worker(name), inner_port=inner_port, users="\n".join(users)
    )


def _common(listener: Listener) -> dict[str, object]:
    return {
        "port": listener.port,
        "bind": _plain(listener.bind),
        "authority": _plain(listener.authority),
        "certificate": _plain(listener.certificate),
        "key": _plain(listener.key),
        "packet": PACKET,
        "connections": listener.connections,
    }


def _nats_site(site: str) -> str:
    if not names.is_site(site):
        raise BadName(f"not a site code: {site!r}")
    shard = names.shard(site)
    own = f"he.1.{shard}.{site}"
    return _nats_user(site, [f"{own}.u.*", f"{own}.s"], [f"{own}.d.*", "he.1.all.d.*.*"])


def _nats_worker(worker: str) -> str:
    return _nats_user(_worker(worker), ["he.1.*.*.d.*", "he.1.all.d.*.*"], ["he.1.*.*.u.*", "he.1.*.*.s"])


def _nats_user(name: str, write: Sequence[str], read: Sequence[str]) -> str:
    """A subscription at QoS 1 hears from JetStream below `$MQTT.sub`, which no MQTT client may name itself."""
    allowed = ", ".join(f'"{one}"' for one in write), ", ".join(f'"{one}"' for one in [*read, "$MQTT.sub.>"])
    return f'    {{ user: "CN={name}", permissions: {{ publish: [{allowed[0]}], subscribe: [{allowed[1]}] }} }}'


def _template(name: str) -> Template:
    return Template((config.folder() / "brokers" / name).read_text("utf-8"))


def _plain(value: object) -> str:
    text = str(value)
    if not _PLAIN.fullmatch(text):
        raise BadName(f"only letters, digits and . _ / : - may stand in {text!r}")
    return text


def _worker(name: str) -> str:
    if not _WORKER.fullmatch(name):
        raise BadName(f"only small letters, digits, . and - may stand in {name!r}")
    return name
