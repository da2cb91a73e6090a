"""Where the broker is and how to prove who we are: `mqtts://host:8883`; `mqtt://` on this machine only."""

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Protocol, Self
from urllib.parse import unquote, urlsplit

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


class BadBrokerUrl(ValueError):
    """Neither `mqtts://host[:port]` nor `mqtt://` with an address of this machine."""


class Tls(Protocol):
    """Who we are, and whose certificates we believe: asked anew for each connection, so a renewal needs no restart."""

    def context(self) -> ssl.SSLContext:
        """Checks certificate and name of the broker. Raises WireLost, OSError, ValueError for what cannot be used."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the authority of the broker's certificate, and our own certificate with its key."""

    authority: Path
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.authority))
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    host: str
    port: int
    encrypted: bool
    username: str | None
    password: str | None

    @classmethod
    def read(cls, url: str) -> Self:
        """Raises BadBrokerUrl; its text never repeats a password."""
        try:
            found = urlsplit(url)
            port = found.port or _PORTS[found.scheme]
        except (KeyError, ValueError):
            raise BadBrokerUrl("expected mqtt://host:port or mqtts://host:port") from None
        if not found.hostname:
            raise BadBrokerUrl("the host is missing")
        if found.scheme == "mqtt" and not _stays_here(found.hostname):
            raise BadBrokerUrl("mqtt:// leaves this machine in the clear; enrol the site and use mqtts://")
        username = None if found.username is None else unquote(found.username)
        password = None if found.password is None else unquote(found.password)
        return cls(found.hostname, port, found.scheme == "mqtts", username, password)


def _stays_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
