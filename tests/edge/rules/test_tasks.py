"""A bad rating's way: every step by its actor, every wrong order refused, and a clock in working days."""

import pytest
from pydantic import SecretStr

from edge.rules import commands as c
from edge.rules.tasks import STEPS
from tests.edge.rules.conftest import DAY

LEAD = "lead:l01"
CENTRE = "centre:district"


@pytest.fixture
def task(hall):
    hall.serve()
    hall.finish()
    nonce = hall.state.windows["w1"].question
    bad = c.GiveRating(nonce=nonce, level="very_dissatisfied", by="kiosk", reasons=("attitude",))
    return hall.do(bad, "kiosk:k1")[1].subject


def step(kind, task, **more):
    given = {"to": "l01"} if kind is c.AssignTask else {}
    given |= {"verdict": "true"} if kind in (c.VerifyTask, c.ReviewTask) else {}
    given |= {"content": True} if kind is c.RevisitTask else {}
    return kind(task=task, **given | more)


def walk(hall, task, *kinds, **more):
    for kind in kinds:
        hall.do(step(kind, task, **more if kind is c.VerifyTask else {}), CENTRE if kind is c.ReviewTask else LEAD)


def test_its_clock_is_in_working_days(hall, task):
    opened = hall.state.tasks[task]
    assert (opened.opened, opened.clerk, opened.window, opened.level) == (DAY, "c01", "w1", "very_dissatisfied")
    assert opened.due == "2026-11-30"  # the 25th is off, Sunday the 29th is worked


def test_a_true_one_is_put_right_before_it_is_answered(hall, task):
    walk(hall, task, c.AssignTask, c.VerifyTask)
    assert hall.refused(step(c.ReplyTask, task), LEAD).code == "task_not_now"
    walk(hall, task, c.RectifyTask, c.ReplyTask, c.RevisitTask, c.CloseTask)
    assert (hall.state.tasks[task].state, hall.state.tasks[task].content) == ("closed", True)


@pytest.mark.parametrize("verdict", ["untrue", "mistaken"])
def test_another_verdict_is_answered_at_once(hall, task, verdict):
    walk(hall, task, c.AssignTask, c.VerifyTask, c.ReplyTask, c.RevisitTask, c.CloseTask, verdict=verdict)
    assert hall.state.tasks[task].verdict == verdict


@pytest.mark.parametrize("kind", STEPS)
def test_every_state_takes_only_its_steps(hall, task, kind):
    path = [c.AssignTask, c.VerifyTask, c.RectifyTask, c.ReplyTask, c.RevisitTask, c.CloseTask]
    actor = CENTRE if kind is c.ReviewTask else LEAD
    for following in [*path, None]:
        if hall.state.tasks[task].state not in STEPS[kind].after:
            refused = hall.refused(step(kind, task), actor)
            assert (refused.code, refused.values) == ("task_not_now", {"state": hall.state.tasks[task].state})
        if following is not None:
            walk(hall, task, following)


def test_an_appeal_is_reviewed_by_the_centre_alone(hall, task):
    walk(hall, task, c.AssignTask, c.VerifyTask)
    hall.do(c.AppealTask(task=task, text=SecretStr("当时系统故障")), "clerk:c01")
    for actor in (LEAD, "clerk:c01", "technician:t01"):
        refused = hall.refused(step(c.ReviewTask, task), actor)
        assert (refused.code, refused.who_can) == ("not_your_role", "centre")
    hall.do(c.ReviewTask(task=task, verdict="mistaken"), CENTRE)
    assert (hall.state.tasks[task].state, hall.state.tasks[task].verdict) == ("reviewed", "mistaken")
    assert hall.refused(c.AppealTask(task=task), "clerk:c01").code == "task_not_now"
    walk(hall, task, c.ReplyTask, c.RevisitTask, c.CloseTask)


def test_who_was_rated_verifies_nothing_and_others_do_not_appeal(hall, task):
    walk(hall, task, c.AssignTask)
    refused = hall.refused(step(c.VerifyTask, task), "clerk:c01")
    assert (refused.code, refused.who_can, refused.instead) == ("not_your_role", "manager", "task.verify")
    walk(hall, task, c.VerifyTask)
    assert hall.refused(c.AppealTask(task=task), "clerk:c02").code == "task_other_clerk"


def test_texts_are_sealed_and_an_unknown_task_is_said(hall, task):
    drafts = hall.do(c.AssignTask(task=task, to="l01", text=SecretStr("请核实")), LEAD)
    assert (drafts[0].private.owner, drafts[0].private.members) == (task, {"text": "请核实"})
    assert "核实" not in repr(drafts)
    assert hall.refused(c.AssignTask(task="task:none", to="l01"), LEAD).code == "task_unknown"


def test_it_outlives_days_until_it_is_closed(hall, task):
    hall.do(c.CloseDay())
    hall.do(c.OpenDay(date="2026-11-24"))
    walk(hall, task, c.AssignTask, c.VerifyTask, c.RectifyTask, c.ReplyTask, c.RevisitTask, c.CloseTask)
    hall.do(c.CloseDay())
    hall.do(c.OpenDay(date="2026-11-30"))
    assert task not in hall.state.tasks
