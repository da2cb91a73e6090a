"""What citizens said of a service and what became of it: questions, answers, tasks; nothing of ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.campaign.weeks.wall import NotPrinted, Wall

Body = Mapping[str, Any]
_DAY_MS: Final = 24 * 3_600_000
_PAD_MS: Final = 15_000
_BAD: Final = ("dissatisfied", "very_dissatisfied")
_TASK: Final = {
    "assign": "opened assigned",
    "verify": "assigned",
    "rectify": "verified reviewed",
    "reply": "verified reviewed rectifying",
    "revisit": "replied",
    "close": "revisited",
    "appeal": "verified rectifying",
    "review": "appealed",
}


@dataclass
class Asked:
    hall: str
    turn: str
    at_ms: int
    pad_over: bool = False
    given: int = 0
    added: int = 0


@dataclass
class Matter:
    """A task."""

    hall: str
    state: str
    due: str
    clerk: str


class Voices:
    def __init__(self, wall: Wall, broken: list[str]) -> None:
        self._wall, self.broken = wall, broken
        self.asked: dict[str, Asked] = {}
        self.tasks: dict[str, Matter] = {}
        self.of_turn: dict[str, str] = {}
        self.ratings = 0
        self._bad: dict[str, str] = {}  # turn with a bad answer whose task has not been seen yet

    def see(self, hall: str, kind: str, subject: str, actor: str, body: Body, today: str, at: str, ms: int) -> None:
        handle = getattr(self, "_" + kind.replace(".", "_"), None)
        if handle is not None:
            handle(hall, subject, actor, body, today, at, ms)

    def says(self, hall: str, what: str) -> None:
        self.broken.append(f"{hall}: {what}")

    def after_command(self, hall: str) -> None:
        """A bad answer and its task come together."""
        for turn in self._bad:
            self.says(hall, f"{turn} was rated badly and nobody has to look into it")
        self._bad.clear()

    # ratings ---------------------------------------------------------------------------------------------------------

    def _rating_asked(self, hall: str, turn: str, actor: str, body: Body, today: str, at: str, ms: int) -> None:
        self.asked[body["nonce"]] = Asked(hall, turn, ms)

    def _rating_lapsed(self, hall: str, turn: str, actor: str, body: Body, today: str, at: str, ms: int) -> None:
        self.asked[body["nonce"]].pad_over = True

    def _rating_given(self, hall: str, turn: str, actor: str, body: Body, today: str, at: str, ms: int) -> None:
        asked = self._answer(hall, turn, actor, body, ms)
        if asked is None:
            return
        self.ratings += 1
        asked.given += 1
        if asked.given > 1:
            self.says(hall, f"{turn} was rated twice")
        if body["by"] in ("pad", "tablet") and (asked.pad_over or ms - asked.at_ms > _PAD_MS):
            self.says(hall, f"{turn} was rated at a pad that no longer asked")
        self._want_task(turn, body["level"])

    def _rating_added(self, hall: str, turn: str, actor: str, body: Body, today: str, at: str, ms: int) -> None:
        asked = self._answer(hall, turn, actor, body, ms)
        if asked is None:
            return
        asked.added += 1
        if asked.added > 1 or not asked.given:
            self.says(hall, f"{turn} has a second opinion that is not its second")
        self._want_task(turn, body["level"])

    def _answer(self, hall: str, turn: str, actor: str, body: Body, ms: int) -> Asked | None:
        asked = self.asked.get(body["nonce"])
        if asked is None or (asked.hall, asked.turn) != (hall, turn):
            self.says(hall, f"{turn} was rated with a nonce that was never asked of it")
            return None
        if ms - asked.at_ms > _DAY_MS:
            self.says(hall, f"{turn} was rated {(ms - asked.at_ms) // 3_600_000} hours after it was over")
        if actor.split(":")[0] not in ("pad", "kiosk", "gateway"):
            self.says(hall, f"{turn} was rated by {actor}")
        return asked

    def _want_task(self, turn: str, level: str) -> None:
        if level in _BAD and turn not in self.of_turn:
            self._bad[turn] = level

    # tasks -----------------------------------------------------------------------------------------------------------

    def _task_opened(self, hall: str, task: str, actor: str, body: Body, today: str, at: str, ms: int) -> None:
        if body["turn"] in self.of_turn or self._bad.pop(body["turn"], None) is None:
            self.says(hall, f"{task} looks into {body['turn']} without a bad answer, or again")
        self.of_turn[body["turn"]] = task
        self.tasks[task] = Matter(hall, "opened", body["due"], body["clerk"])
        self._due_is(hall, task, at, body["due"])

    def _task_moved(self, hall: str, task: str, actor: str, body: Body, today: str, at: str, ms: int) -> None:
        found, role = self.tasks[task], actor.split(":")[0]
        if found.state not in _TASK[body["step"]].split():
            self.says(hall, f"{task}: {body['step']} while it was {found.state}")
        may = {"review": ("centre",), "rectify": ("lead", "clerk"), "appeal": ("lead", "clerk")}
        if role not in may.get(body["step"], ("lead",)) or (role == "clerk" and actor != f"clerk:{found.clerk}"):
            self.says(hall, f"{task}: {body['step']} by {actor}")
        found.state = body["state"]

    def _due_is(self, hall: str, uid: str, at: str, due: str) -> None:
        try:
            wanted = self._wall.due(at, 5)
        except NotPrinted:
            wanted = ""
        if due != wanted:
            self.says(hall, f"{uid} of {at} is due {due}, the wall says {wanted}")

    def compare(self, hall: str, state: Body) -> None:
        for nonce, question in state["questions"].items():
            asked = self.asked.get(nonce)
            if asked is None or (question["state"] == "given") != bool(asked.given):
                self.says(hall, f"the question {nonce} is {question['state']} there")
        for uid, task in state["tasks"].items():
            if self.tasks[uid].state != task["state"]:
                self.says(hall, f"{uid} is {task['state']} there and {self.tasks[uid].state} on the list")
        for uid, each in self.tasks.items():
            if each.hall == hall and uid not in state["tasks"] and each.state != "closed":
                self.says(hall, f"{uid} has left and was not closed")
