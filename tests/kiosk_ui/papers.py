"""Pages of a person with a paper in his hand, with their hardest contents."""

from dataclasses import replace

from edge.api.citizen_schema import CaseProgress, CaseStep, Found, RatingQuestion, VoiceProgress, VoiceTaken
from kiosk_ui.terminal.desk_steps import Desk
from kiosk_ui.terminal.state import Problem, Snapshot

NUMBER = "119999042012026112300001G"
CODE = "REMPE4FB"
STEPS = tuple(
    CaseStep(act=act, at=f"2026-11-{day}T09:1{day[1]}:07.312+08:00")
    for day, act in (
        ("23", "receive"),
        ("24", "forward"),
        ("25", "suspend"),
        ("26", "resume"),
        ("27", "decide"),
        ("28", "arrive"),
        ("29", "verify"),
        ("30", "shelve"),
    )
)
READY = CaseProgress(
    number=NUMBER,
    item={
        "zh-Hans": "城乡居民基本养老保险待遇申领",
        "zh-Hant": "城鄉居民基本養老保險待遇申領",
        "en": "Basic old-age pension for residents: claim",
    },
    name="金*",
    stage="ready",
    steps=STEPS,
    received="2026-11-23",
    due="2026-12-01",
    stands=False,
    unit="unit-1",
    outcome="granted",
    delivery="counter",
    where="",
    follows=True,
)
SUPPLEMENT = READY.model_copy(update={"stage": "supplement", "steps": STEPS[:3], "outcome": "", "stands": True})
RETURNED = READY.model_copy(
    update={"stage": "returned", "steps": (*STEPS, CaseStep(act="return", at="2026-12-30T09:10:00+08:00"))}
)
FORWARDED = READY.model_copy(update={"stage": "forwarded", "steps": STEPS[:2], "outcome": "", "where": "LH-0043"})
ANSWER = (
    "您反映的等候时间长的问题，我们已经核实。从下周一起，综合窗口由两个增加到三个，中午安排人员轮流值班。谢谢您的意见。"
)
REPLIED = VoiceProgress(
    number="T" + NUMBER,
    type="complaint",
    state="replied",
    level="station",
    registered="2026-11-23",
    due="2026-11-30",
    answer=ANSWER,
)
TAKEN = VoiceTaken(number="T" + NUMBER, query_code=CODE, due="2026-11-30", paper="done")
QUESTION = RatingQuestion(window="2", ended=1_795_400_000_000, closes=1_795_486_400_000, second=False)
VOICE = Desk(step="review", type="complaint", about="window", ticket=CODE, contact="13800000000")


def paper_pages(home: Snapshot) -> dict[str, Snapshot]:
    full = Desk(
        step="review",
        about="window",
        points=("waited", "sent_away", "unclear", "devices"),
        contact="13800000000",
    )

    def at(page: str, desk: Desk, **more: object) -> Snapshot:
        return replace(home, page=page, desk=desk, scanner=True, **more)  # type: ignore[arg-type]

    wrong = "没有查到。请核对回执上的编号和查询码，再试一次，或到咨询台询问。"
    return {
        "papers-task": at("choices", Desk(step="task")),
        "papers-number": at("keys", Desk(step="number", typed=NUMBER)),
        "papers-code": at("keys", Desk(step="code", typed="REMPE", number="00001G")),
        "papers-rating": at("keys", Desk(step="rating")),
        "papers-scanning": at("scanning", Desk(step="rating"), reading_left=48),
        "papers-asking": at("asking", Desk(step="code")),
        "papers-wrong": at("problem", Desk(step="code"), problem=Problem("desk", "query_unknown", wrong)),
        "papers-not-done": at("problem", VOICE, problem=Problem("desk", "gone")),
        "papers-other-code": at("problem", Desk(step="rating"), problem=Problem("code", "another")),
        "course-ready": at("course", Desk(step="code", found=Found(case=READY))),
        "course-supplement": at("course", Desk(step="code", found=Found(case=SUPPLEMENT))),
        "course-returned": at("course", Desk(step="code", found=Found(case=RETURNED))),
        "course-elsewhere": at("course", Desk(step="code", found=Found(case=FORWARDED))),
        "answer": at("answer", Desk(step="code", found=Found(voice=REPLIED))),
        "answer-none": at(
            "answer",
            Desk(step="code", found=Found(voice=REPLIED.model_copy(update={"answer": "", "state": "accepted"}))),
        ),
        "rate-level": at("choices", Desk(step="level", question=QUESTION, level="satisfied")),
        "rate-reasons": at("choices", Desk(step="reasons", level="dissatisfied", reasons=("took_long",))),
        "rated": at("rated", Desk(step="level", second=True)),
        "voice-type": at("choices", Desk(step="type")),
        "voice-about": at("choices", Desk(step="about")),
        "voice-ticket": at("keys", Desk(step="ticket", about="window")),
        "voice-points": at("choices", Desk(step="points", points=("waited", "unclear"))),
        "voice-points-last": at("choices", Desk(step="points", points=("waited",)), sheet=1),
        "voice-contact": at("keys", Desk(step="contact", typed="13800000000")),
        "voice-review": at("review", full),
        "voiced": at("voiced", Desk(step="review", taken=TAKEN)),
        "voiced-no-paper": at("voiced", Desk(step="review", taken=TAKEN.model_copy(update={"paper": "failed"}))),
    }
