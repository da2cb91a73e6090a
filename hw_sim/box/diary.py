"""The event log of the page: what happened, told from what a bystander sees before and after."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

SHOWN: Final = 60

View = dict[str, Any]
Event = dict[str, Any]


class Diary:
    """`now`: time of day as text. Events are words of the page (`what`) with what they are about."""

    def __init__(self, now: Callable[[], str]) -> None:
        self._now = now
        self._events: deque[Event] = deque(maxlen=SHOWN)
        self._count = 0

    def note(self, what: str, about: str, **more: Any) -> None:
        self._count += 1
        self._events.append({"n": self._count, "at": self._now(), "what": what, "about": about, **more})

    def compare(self, before: View | None, after: View) -> None:
        if before is not None:
            for what, more in _differences(before, after):
                self.note(what, after["id"], **more)

    def message(self) -> dict[str, Any]:
        return {"is": "log", "events": list(self._events)}


def _differences(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    for field, gone, come in (("plugged", "unplugged", "plugged"), ("powered", "power_off", "power_on")):
        if before[field] != after[field]:
            yield come if after[field] else gone, {}
    had, has = ({fault["word"] for fault in view["faults"]} for view in (before, after))
    yield from (("fault", {"word": word}) for word in sorted(has - had))
    yield from (("fault_over", {"word": word}) for word in sorted(had - has))
    yield from _OF_KIND.get(after["kind"], _nothing)(before, after)


def _nothing(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ()


def _card_reader(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    if before["card"] != after["card"]:
        yield ("card_laid", {"text": after["card"]}) if after["card"] else ("card_lifted", {})
    if after["reading"] and not before["reading"]:
        yield "card_reading", {}


def _printer(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    if after["printed"] > before["printed"]:
        yield "printed", {"text": f"#{after['printed']}"}
    if after["paper"] != before["paper"]:
        yield f"paper_{after['paper']}", {}
    if after["cover_open"] != before["cover_open"]:
        yield "cover_opened" if after["cover_open"] else "cover_closed", {}


def _keypad(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    if after["sent"] > before["sent"]:
        yield "key_sent", {}
    if after["display"] != before["display"]:
        yield "display", {"text": after["display"].strip() or "–"}
    if after["unanswered"] > before["unanswered"]:
        yield "unanswered", {}


def _pad(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    if after["state"] != before["state"]:
        yield f"pad_{after['state']}", {}
    if len(after["given"]) > len(before["given"]):
        yield "rated", {"text": str(after["given"][-1])}
    if after["unanswered"] > before["unanswered"]:
        yield "unanswered", {}


def _tablet(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    if after["state"] != before["state"]:
        yield f"pad_{after['state']}", {}
    if after["pressed"] > before["pressed"]:
        yield "rated_level", {"text": str(after["given"][-1])}


def _panel(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    if after["updates"] > before["updates"]:
        yield "panel_changed", {}


def _camera(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    if before["page"] != after["page"]:
        yield ("page_laid", {"text": after["page"]}) if after["page"] else ("page_lifted", {})


def _speaker(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    known = {(said["file"], said["at"]) for said in before["said"]}
    for said in after["said"]:
        if (said["file"], said["at"]) not in known:
            yield "said", {"text": said["text"]}


def _line(before: View, after: View) -> Iterator[tuple[str, dict[str, Any]]]:
    if after["collisions"] > before["collisions"]:
        yield "collision", {}


_OF_KIND: Final[dict[str, Callable[[View, View], Iterator[tuple[str, dict[str, Any]]]]]] = {
    "sam": _card_reader,
    "escpos": _printer,
    "keypad": _keypad,
    "pad": _pad,
    "onbon6e": _panel,
    "onbon5k": _panel,
    "cpower": _panel,
    "strip": _panel,
    "tablet": _tablet,
    "camera": _camera,
    "speaker": _speaker,
    "hall485": _line,
}
