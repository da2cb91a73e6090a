"""Where the broker is and how to prove who we are: `mqtt://host:1883`, `mqtts://host:8883`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, urlsplit

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


class BadBrokerUrl(ValueError):
    """Neither `mqtt://host[:port]` nor `mqtts://host[:port]`."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the authority of the broker's certificate, and our own certificate with its key."""

    authority: Path
    certificate: Path | None = None
    key: Path | None = None


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
        username = None if found.username is None else unquote(found.username)
        password = None if found.password is None else unquote(found.password)
        return cls(found.hostname, port, found.scheme == "mqtts", username, password)
