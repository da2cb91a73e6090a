"""The city's logo stands above every paper that a citizen takes home, and no paper changes without one."""

from collections.abc import Mapping
from typing import Any

import config
from drivers.contract import TicketLine
from edge.catalogue import Catalogue
from edge.reactions.papers import Head, Papers
from edge.rules import commands as c
from edge.theme.reading import read_pack
from edge.theme.worn import Worn
from tests.edge.reactions.rig import station
from tests.edge.rules.conftest import APPLICANT, DAY, SETUP, Hall

STATIONS = read_pack(config.folder() / "themes" / "sample-stations")[0]


class Sealed:
    async def open(self, seq: int, h: str) -> Mapping[str, Any]:
        return APPLICANT.model_dump()


async def printed(head: Head) -> list[tuple[TicketLine, ...]]:
    hall, site = Hall(), station()
    hall.do(SETUP)
    hall.do(c.OpenDay(date=DAY))
    papers = Papers(site, Sealed(), lambda version: Catalogue("", {}), head=head)
    ticket = hall.serve()
    lacking = hall.open_case()
    hall.do(c.GiveNotice(window="w1", case=lacking))
    case = hall.open_case()
    hall.complete(case)
    hall.do(c.ReceiveCase(window="w1", case=case))
    made = [papers.ticket(hall.state, hall.state.tickets[ticket])]
    for uid in (lacking, case):
        known = hall.state.cases[uid]
        made += [await papers.case(known, paper) for paper in known.papers.values()]
    return made


async def test_every_paper_begins_with_the_logo_and_goes_on_as_before() -> None:
    head = Worn(STATIONS).head("zh-Hant")
    (logo,) = head
    assert logo.text == "樣本市公共服務"
    assert STATIONS is not None
    assert logo.picture == STATIONS.paper
    plain, headed = await printed(()), await printed(head)
    assert len(plain) == 3
    assert headed == [head + paper for paper in plain]


def test_without_a_pack_or_its_logo_for_papers_nothing_stands_above() -> None:
    assert Worn().head("zh-Hans") == ()
