"""One opinion as the fields of a provincial 好差评 upload, and what of it can be read back (domain.md 5.5).

Names of fields, the scale, `assessNumber`, `promisetime`, `pf` 3 to 5 and that a grade below 3 needs a detail or a text
were read in several repositories. UNVERIFIED, and so left to the one who sends: the codes of `evalDetail` (ours are our
words), `proStatus`, `serviceNumber`, the form of `assessTime` (ISO here), `taskHandleItem`, and the SM2 signature.
"""

from typing import Final, Literal

from edge.ratings import scales
from edge.rules.body import Body
from edge.rules.case_records import CaseKind
from edge.rules.rating_records import AnswerBy, LevelWord, RatingReason

# 3 a code that was scanned, 4 a tablet of the hall, 5 another terminal of the hall.
_CHANNEL: Final[dict[AnswerBy, int]] = {"code": 3, "tablet": 4, "pad": 5, "kiosk": 5}
_PROMISE: Final[dict[CaseKind, int]] = {"instant": 1, "promised": 2}
_NEEDS_WHY: Final = 3


class Opinion(Body):
    """What our records say of one opinion on one case. `second`: the one beside the first. `at`: ISO, when given."""

    project: str
    task_code: str
    task_name: str
    unit_code: str
    kind: CaseKind
    level: LevelWord
    reasons: tuple[RatingReason, ...] = ()
    text: str = ""
    by: AnswerBy
    at: str
    second: bool = False


class Upload(Body):
    """Fields by the names of the interface; `projectNo` with `assessNumber` is taken once there."""

    projectNo: str
    taskCode: str
    taskName: str
    deptCode: str
    pf: int
    satisfaction: int
    evalDetail: str
    writingEvaluation: str
    assessTime: str
    assessNumber: Literal[1, 2]
    promisetime: int


class NeedsWhy(ValueError):
    """A bad level without reason or text, as a pad gives it: the interface refuses it."""


def upload(opinion: Opinion) -> Upload:
    """Raises NeedsWhy."""
    grade = scales.number(opinion.level, "provincial")
    if grade < _NEEDS_WHY and not opinion.reasons and not opinion.text.strip():
        raise NeedsWhy(opinion.project)
    return Upload(
        projectNo=opinion.project,
        taskCode=opinion.task_code,
        taskName=opinion.task_name,
        deptCode=opinion.unit_code,
        pf=_CHANNEL[opinion.by],
        satisfaction=grade,
        evalDetail=",".join(opinion.reasons),
        writingEvaluation=opinion.text,
        assessTime=opinion.at,
        assessNumber=2 if opinion.second else 1,
        promisetime=_PROMISE[opinion.kind],
    )


def opinion(sent: Upload) -> Opinion:
    """Back again. Pad and kiosk are one channel there: what comes back is a kiosk's."""
    channels: dict[int, AnswerBy] = {number: by for by, number in _CHANNEL.items()}
    kinds: dict[int, CaseKind] = {number: kind for kind, number in _PROMISE.items()}
    return Opinion.model_validate(
        {
            "project": sent.projectNo,
            "task_code": sent.taskCode,
            "task_name": sent.taskName,
            "unit_code": sent.deptCode,
            "kind": kinds[sent.promisetime],
            "level": scales.word(sent.satisfaction, "provincial"),
            "reasons": tuple(filter(None, sent.evalDetail.split(","))),
            "text": sent.writingEvaluation,
            "by": channels[sent.pf],
            "at": sent.assessTime,
            "second": sent.assessNumber == 2,
        }
    )
