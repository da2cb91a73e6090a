"""Times of the queue that contradict each other."""

from collections.abc import Iterator
from typing import Final

from edge.site_check.mistakes import Mistake, path_text
from edge.site_check.places import Sheet
from edge.site_sections.queue import Queue

# (this, is at least that): who is late by less than the grace is not late; a bonus beyond the time in which one may
# come back would put the returning before people who never left.
_AT_LEAST: Final = (("late_minutes", "grace_minutes"), ("revive_minutes", "revive_bonus_minutes"))


def check_queue(sheet: Sheet) -> Iterator[Mistake]:
    queue = sheet.data.get("queue")
    if not isinstance(queue, dict):
        return
    for longer, shorter in _AT_LEAST:
        values = [queue.get(name, Queue.model_fields[name].default) for name in (longer, shorter)]
        if all(type(value) is int for value in values) and values[0] < values[1]:
            named = longer if longer in queue else shorter
            place = sheet.value(("queue", named))
            told = {"longer": longer, "long": values[0], "shorter": shorter, "short": values[1]}
            yield Mistake(place.line, place.column, path_text(("queue", named)), "queue_times", told)
