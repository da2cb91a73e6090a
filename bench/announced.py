"""Every call beside what the speakers said: spoken once, silent with a reason in the daemon's log, or neither."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

Call = tuple[str, int]  # ticket, how many times it was called
_SILENT: Final = re.compile(r"call_not_spoken\s+call=(\d+) ticket=(\S+) why=(\S+)")
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(slots=True)
class Announced:
    """`silent`: why -> how many. `unknown`: neither spoken nor a reason. `waited`: seconds from the record of a call to
    the start of its voice."""

    calls: int = 0
    spoken: int = 0
    said_once: int = 0
    silent: Counter[str] = field(default_factory=Counter)
    doubled: list[Call] = field(default_factory=list)
    unknown: list[Call] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)


def announced(records: Iterable[Mapping[str, Any]], sound: Iterable[Path], log: str) -> Announced:
    """`sound`: folders of the speakers. `log`: the daemon's. Records as they stand in the journal."""
    said = [json.loads(file.read_text("utf-8")) | {"at": _begun(file)} for folder in sound for file in _words(folder)]
    times = Counter(_call_of(one) for one in said)
    first = {_call_of(one): one for one in sorted(said, key=lambda one: one["at"], reverse=True)}
    silent = {(ticket, int(call)): why for call, ticket, why in _SILENT.findall(_COLOURS.sub("", log))}
    found = Announced(said_once=sum(one["repeat"] == 1 for one in first.values()))
    for record in records:
        if record["kind"] != "ticket.called":
            continue
        call = (record["subject"], record["body"]["call"])
        found.calls += 1
        found.spoken += times[call] == 1
        if times[call] > 1:
            found.doubled.append(call)
        elif times[call] == 1:
            found.waited.append(first[call]["at"] - datetime.fromisoformat(record["at"]).timestamp())
        elif call in silent:
            found.silent[silent[call]] += 1
        else:
            found.unknown.append(call)
    return found


def _words(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def _begun(words: Path) -> float:
    """The sound file is written when the voice begins; its words are written again at the end."""
    return words.with_suffix(".wav").stat().st_mtime


def _call_of(said: Mapping[str, Any]) -> Call:
    """A speech is `<ticket>:<call>:<language>`, and a ticket has a colon itself."""
    ticket, call, _ = said["id"].rsplit(":", 2)
    return ticket, int(call)
