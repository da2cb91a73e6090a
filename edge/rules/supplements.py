"""补正告知 after the receipt: everything that is lacking is told once. A second list that differs raises an alarm."""

from edge.rules import materials, numbers
from edge.rules.about import About
from edge.rules.case_paper import CasePaper
from edge.rules.case_records import Point
from edge.rules.cases import draft_of
from edge.rules.dossier_records import SupplementNoticed
from edge.rules.dossier_state import Dossier, Supplement
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft
from edge.rules.state import State


def noticed(
    state: State,
    dossier: Dossier,
    points: tuple[Point, ...],
    moment: Moment,
    *,
    window: str = "",
    clerk: str = "",
    about: About | None = None,
) -> list[Draft]:
    """Nothing without a list: whoever asks then says only the reason."""
    if not points:
        return []
    points = tuple(sorted(set(points), key=lambda point: (point.material, point.why)))
    digest = materials.digest(points)
    same = next((each for each in dossier.supplements if each.digest == digest), None)
    told = {point for each in dossier.supplements for point in each.points}
    body = SupplementNoticed(
        notice=numbers.give(state, "N", moment) if same is None else same.number,
        points=points,
        digest=digest,
        differs=bool(dossier.supplements) and same is None,
        added=sum(point not in told for point in points) if dossier.supplements else 0,
        date=state.date,
        at=moment.at,
        window=window,
        clerk=clerk,
        about=about,
    )
    return [draft_of(state, "supplement.noticed", dossier.uid, body, moment)]


def was_noticed(state: State, fact: Fact, body: SupplementNoticed) -> None:
    dossier = state.dossiers.get(fact.subject)
    if dossier is None or all(each.number != body.notice for each in dossier.supplements):
        numbers.given(state, body.notice)
    if dossier is not None:
        dossier.supplements.append(
            Supplement(
                number=body.notice,
                points=body.points,
                digest=body.digest,
                differs=body.differs,
                added=body.added,
                at=body.at,
                window=body.window,
                clerk=body.clerk,
            )
        )
        dossier.papers.setdefault(body.notice, CasePaper(what="notice", number=body.notice))


def differing(state: State) -> list[tuple[Dossier, Supplement]]:
    """Alarms: lists that say something else than an earlier one on the same case."""
    return [(dossier, each) for dossier in state.dossiers.values() for each in dossier.supplements if each.differs]
