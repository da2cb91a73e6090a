"""What a printer says of itself in IPP's words (RFC 8011 5.4.11 and 5.4.12; PWG 5100.9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from drivers.errors import CoverOpen, DeviceError, Jam, NeedsHelp, PaperOut

IDLE, PROCESSING, STOPPED = 3, 4, 5
_FAULTS: Final[Mapping[str, tuple[type[NeedsHelp], str]]] = {
    "cover-open": (CoverOpen, "cover open"),
    "door-open": (CoverOpen, "door open"),
    "interlock-open": (CoverOpen, "interlock open"),
    "media-jam": (Jam, "paper jam"),
    "media-empty": (PaperOut, "no paper"),
    "media-needed": (PaperOut, "paper of another size is needed"),
    "input-tray-missing": (NeedsHelp, "paper tray missing"),
    "output-area-full": (NeedsHelp, "output tray full"),
    "toner-empty": (NeedsHelp, "toner empty"),
    "marker-supply-empty": (NeedsHelp, "ink empty"),
    "marker-waste-full": (NeedsHelp, "waste container full"),
    "shutdown": (NeedsHelp, "printer is switched off"),
    "offline": (NeedsHelp, "printer is offline"),
    "timed-out": (NeedsHelp, "printer does not answer its queue"),
}
_PAUSED: Final = frozenset({"paused", "moving-to-paused"})
EMPTY: Final = "media-empty"  # as a warning: of one tray, or of the only one while nothing is printed
_LOW: Final = frozenset({"media-low", EMPTY})


@dataclass(frozen=True, slots=True)
class Condition:
    """`fault`: why nothing comes out, whatever the queue says. `paused`: a queue that a word from us may set going."""

    state: int
    paper: Literal["ok", "near_end", "out", "unknown"]
    fault: DeviceError | None
    warnings: tuple[str, ...]
    paused: bool
    message: str


def condition(facts: Mapping[str, tuple[Any, ...]]) -> Condition:
    state = int(next(iter(facts.get("printer-state", ())), 0) or 0)
    said = str(next(iter(facts.get("printer-state-message", ())), "") or "")[:80]
    names = {}
    for reason in facts.get("printer-state-reasons", ()):
        name, severity = _split(str(reason))
        names[name] = severity
    stopping = [name for name in _FAULTS if name in names and (names[name] == "error" or state == STOPPED)]
    fault: DeviceError | None = None
    if stopping:
        cls, why = _FAULTS[stopping[0]]
        fault = cls(why)
    elif state == STOPPED and not _PAUSED & names.keys():
        fault = NeedsHelp(f"stopped: {said or 'no reason given'}")
    paper: Literal["ok", "near_end", "out"] = "near_end" if _LOW & names.keys() else "ok"
    if isinstance(fault, PaperOut):
        paper = "out"
    warnings = tuple(sorted(name for name in names if name != "none" and name not in (*stopping, *_PAUSED)))
    return Condition(state, paper, fault, warnings, state == STOPPED and fault is None, said)


def _split(reason: str) -> tuple[str, str]:
    """A reason without a suffix has the severity of an error."""
    name, dash, severity = reason.rpartition("-")
    return (name, severity) if dash and severity in ("error", "warning", "report") else (reason, "error")
