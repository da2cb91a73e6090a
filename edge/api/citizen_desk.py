"""What a citizen reaches with a number and a code from paper: his case, his complaint, the service he may judge.

Whoever has the paper may; nobody learns from an answer whether a number exists. What is opened is a record first.
"""

from contextlib import suppress
from typing import Final

from edge.api.case_schema import Text
from edge.api.citizen_schema import (
    CaseProgress,
    CaseStep,
    Found,
    LookUpRequest,
    RatingQuestion,
    VoiceProgress,
)
from edge.api.port import HallPort
from edge.api.sessions import TooManyTries, Tries
from edge.clock import Clock
from edge.masking import mask_name
from edge.rules import case_queries, complaints
from edge.rules.case_state import Case
from edge.rules.codes import Code, refusal
from edge.rules.dossier_commands import ShowCase
from edge.rules.dossier_state import Dossier
from edge.rules.followup_commands import ShowComplaint
from edge.rules.followup_state import Complaint
from edge.rules.query_codes import plain_code, same_code
from edge.rules.refusal import Refusal
from edge.rules.state import Question, Ticket
from sync.protocol.parts import CannotOpen

_VOICES: Final = ("T", "J")
_STANDS: Final = frozenset({"supplement", "suspended", "stayed"})
_NOT_FOUND: Final = frozenset(
    {Code.QUERY_UNKNOWN.value, Code.COMPLAINT_UNKNOWN.value, Code.RATING_NO_CODE.value, Code.COPY_NO_TICKET.value}
)


class CitizenDesk:
    """Limits guessing: wrong codes in a row from one source make that source wait, and only that one."""

    def __init__(self, hall: HallPort, clock: Clock) -> None:
        self._hall = hall
        self._tries = Tries(clock)

    async def look_up(self, wanted: LookUpRequest, *, source: str, actor: str) -> Found:
        """Raises Refusal."""
        with self._try(source) as found:
            if wanted.number.strip()[:1].upper() in _VOICES:
                result = await self._voice(wanted, actor)
            else:
                result = await self._case_or_voice(wanted, actor)
            found()
        return result

    def question(self, code: str, *, source: str) -> Question:
        """The service that the holder of `code` may judge: of several on one ticket the newest without an answer.

        Raises Refusal: no such code. Whether an opinion is in time and the first is for the rules to say.
        """
        asked = self._of_code(code, source)
        return ([each for each in asked if each.state != "given"] or asked)[-1]

    def open_question(self, code: str, *, source: str) -> Question:
        """The same, before anything is asked of the citizen. Raises Refusal also where no opinion counts any more."""
        found = self.question(code, source=source)
        if found.state == "given" and found.added:
            raise refusal(Code.RATING_TWICE)
        if self._hall.now_ms() > found.closes:
            raise refusal(Code.RATING_LATE)
        return found

    def window_of(self, code: str, *, source: str) -> str:
        """Where the ticket of `code` was served last. Raises Refusal: not served yet, no such code."""
        return self._of_code(code, source)[-1].window

    def ticket_of(self, code: str, *, source: str) -> Ticket:
        """The ticket of today with this code that was not cancelled. Raises Refusal."""
        with self._try(source) as found:
            typed = plain_code(code.strip().rstrip("/").rpartition("/")[2])
            for ticket in self._hall.state.tickets.values():
                if ticket.state != "cancelled" and same_code(typed, self._hall.slip_code(ticket.uid)):
                    found()
                    return ticket
            raise refusal(Code.COPY_NO_TICKET)

    def _of_code(self, code: str, source: str) -> list[Question]:
        """Oldest first, at least one."""
        with self._try(source) as found:
            typed = plain_code(code.strip().rstrip("/").rpartition("/")[2])
            asked = [
                each
                for each in self._hall.state.questions.values()
                if each.ticket and same_code(typed, self._hall.slip_code(each.ticket))
            ]
            if not asked:
                raise refusal(Code.RATING_NO_CODE)
            found()
        return asked

    def asked(self, question: Question) -> RatingQuestion:
        numbers = {window.id: window.number for window in self._hall.site.windows}
        return RatingQuestion(
            window=numbers.get(question.window, question.window),
            ended=question.ended,
            closes=question.closes,
            second=question.state == "given",
        )

    def _try(self, source: str) -> "_Try":
        return _Try(self._tries, source)

    async def _case_or_voice(self, wanted: LookUpRequest, actor: str) -> Found:
        """The end of a number does not say what it is of."""
        try:
            return await self._case(wanted, actor)
        except Refusal as refused:
            if refused.code not in _NOT_FOUND:
                raise
        try:
            return await self._voice(wanted, actor)
        except Refusal as refused:
            raise refusal(Code.QUERY_UNKNOWN) if refused.code in _NOT_FOUND else refused from None

    async def _case(self, wanted: LookUpRequest, actor: str) -> Found:
        command = ShowCase(number=wanted.number, query_code=wanted.code)
        await self._hall.execute(command, id=wanted.id, actor=actor)
        found = case_queries.find(self._hall.state, wanted.number, wanted.code)
        name = ""
        with suppress(LookupError, CannotOpen):  # erased after its term: the course is still told
            if found.applicant_h:
                name = mask_name(str((await self._hall.opened(found.opened_seq, found.applicant_h))["name"]))
        return Found(case=self._progress(found, name))

    def _progress(self, found: Dossier | Case, name: str) -> CaseProgress:
        item = self._hall.catalogue.items.get(found.item)
        named: Text = {str(language): text for language, text in item.name.items()} if item else {"zh-Hans": found.item}
        here = self._hall.books.flow.place or self._hall.site.site
        if isinstance(found, Dossier):
            return CaseProgress(
                number=found.number,
                item=named,
                name=name,
                stage=found.stage,
                steps=tuple(CaseStep(act=step.act, at=step.at) for step in found.steps),
                received=found.received,
                due=found.due,
                stands=found.stage in _STANDS,
                unit=found.unit,
                outcome=found.outcome,
                delivery=found.delivery,
                where="" if found.pickup in ("", here) else found.pickup,
                follows=True,
            )
        received = found.received
        if received is None:
            raise refusal(Code.QUERY_UNKNOWN)
        return CaseProgress(
            number=received.number,
            item=named,
            name=name,
            stage="received",
            steps=(CaseStep(act="receive", at=received.received_at),),
            received=received.received,
            due=received.due,
            stands=False,
            unit="",
            outcome="",
            delivery=received.delivery,
            where="" if received.pickup in ("", here) else received.pickup,
            follows=False,
        )

    async def _voice(self, wanted: LookUpRequest, actor: str) -> Found:
        found = complaints.by_number(self._hall.state, wanted.number, wanted.code)
        answer = ""
        if found.answer_h:
            command = ShowComplaint(complaint=found.uid, what="answer", query_code=found.query_code)
            await self._hall.execute(command, id=wanted.id, actor=actor)
            with suppress(LookupError, CannotOpen):
                answer = str((await self._hall.opened(found.answer_seq, found.answer_h))["text"])
        return Found(voice=_voice(found, answer))


class _Try:
    """One try of `source`: counted as it begins, forgiven once `found()` was called. Raises Refusal: wait first."""

    def __init__(self, tries: Tries, source: str) -> None:
        self._tries = tries
        self._key = (source, "")

    def __enter__(self) -> "_Try":
        try:
            self._tries.begin(self._key)
        except TooManyTries as wait:
            raise refusal(Code.QUERY_WAIT, seconds=wait.seconds) from None
        return self

    def __call__(self) -> None:
        self._tries.right(self._key)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and not (isinstance(error, Refusal) and error.code in _NOT_FOUND | {"query_wait"}):
            self._tries.right(self._key)  # the code was right, or nobody guessed: something else said no


def _voice(found: Complaint, answer: str) -> VoiceProgress:
    return VoiceProgress(
        number=found.number,
        type=found.type,
        state=found.state,
        level=found.level,
        registered=found.registered,
        due=found.due,
        answer=answer,
    )
