"""Whether a record that verifies can be applied (protocol page, section 4, step 5)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sync.protocol import names
from sync.protocol.orders import OUTCOMES
from sync.protocol.record import Record

_LINK_VERSION: Final = 1


class Verdict:
    """`known`: highest known version by kind; None takes every kind that the link itself does not know."""

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        self._known = known

    def __call__(self, record: Record) -> str | None:
        """The reason to hold the record in quarantine, None if it can be applied."""
        fits = _BODIES.get(record.kind)
        if fits is not None:
            if record.v > _LINK_VERSION:
                return "version"
            return None if fits(record.body) else "body"
        if self._known is None:
            return None
        highest = self._known.get(record.kind)
        if highest is None:
            return "kind"
        return "version" if record.v > highest else None


def _is_seq(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_epoch_opened(body: Mapping[str, Any]) -> bool:
    return (
        body.get("why") in ("new", "restore", "fork", "broken")
        and "from" in body
        and (body["from"] is None or names.is_hex16(body["from"]))
        and _is_seq(body.get("common"))
        and names.is_hash(body.get("chain"))
    )


def _is_key_issued(body: Mapping[str, Any]) -> bool:
    return (
        isinstance(body.get("kid"), str)
        and body.get("alg") in ("aes-256-gcm", "sm4-gcm")
        and isinstance(body.get("wrapped"), list)
        and all(isinstance(entry.get("to"), str) and entry.get("kem") == "x25519" for entry in body["wrapped"])
    )


def _is_part_erased(body: Mapping[str, Any]) -> bool:
    return (
        isinstance(body.get("h"), list)
        and all(names.is_hash(h) for h in body["h"])
        and body.get("why") in ("term", "law", "broken")
    )


def _is_month_dropped(body: Mapping[str, Any]) -> bool:
    return (
        names.is_hex16(body.get("epoch"))
        and _is_seq(body.get("first"))
        and _is_seq(body.get("last"))
        and names.is_hash(body.get("tail"))
    )


def _is_file_broken(body: Mapping[str, Any]) -> bool:
    return names.is_hash(body.get("h"))


def _is_command_begun(body: Mapping[str, Any]) -> bool:
    return isinstance(body.get("id"), str)


def _is_command_done(body: Mapping[str, Any]) -> bool:
    return _is_command_begun(body) and body.get("outcome") in OUTCOMES


_BODIES: Final[Mapping[str, Callable[[Mapping[str, Any]], bool]]] = {
    "epoch.opened": _is_epoch_opened,
    "key.issued": _is_key_issued,
    "part.erased": _is_part_erased,
    "month.dropped": _is_month_dropped,
    "file.broken": _is_file_broken,
    "command.begun": _is_command_begun,
    "command.done": _is_command_done,
}
