"""The number for questions and complaints comes from the site's file and stands wherever a citizen may look for it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from drivers.contract import TicketLine
from edge.api.snapshots import catalogue
from edge.catalogue import Catalogue
from edge.reactions import complaint_slip, notice, receipt, slip, supplement
from edge.reactions.wording import Wording
from edge.rules import commands as c
from edge.rules.case_records import Point
from edge.site import Site
from kiosk_ui.board.view import BoardState
from kiosk_ui.board.view import present as on_board
from kiosk_ui.terminal.present import present as at_kiosk
from kiosk_ui.terminal.state import Snapshot
from tests.edge.reactions.rig import station
from tests.edge.rules.conftest import APPLICANT, DAY, SETUP, Hall

PHONE = "0755-12345678"
NOW = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def site() -> Site:
    return station(hall={**station().model_dump(mode="json")["hall"], "phone": PHONE})


def papers(site: Site) -> dict[str, tuple[TicketLine, ...]]:
    """Every paper that a citizen takes home, as the hall prints it."""
    hall = Hall()
    hall.do(SETUP)
    hall.do(c.OpenDay(date=DAY))
    wording, applicant = Wording(site, Catalogue("", {})), APPLICANT.model_dump()
    ticket = hall.serve()
    lacking = hall.open_case()
    hall.do(c.GiveNotice(window="w1", case=lacking))
    refused = hall.open_case()
    hall.do(c.RefuseCase(window="w1", case=refused, reason="duplicate"))
    case = hall.open_case()
    hall.complete(case)
    hall.do(c.ReceiveCase(window="w1", case=case))
    points = (Point(material="id-card", why="unclear"),)
    hall.do(c.StepCase(window="w1", case=case, act="lack", reason="materials", points=points))
    said = c.RegisterComplaint(type="complaint", channel="window", text=SecretStr("-"))
    complaint = hall.state.complaints[hall.do(said)[0].subject]
    cases, dossier = hall.state.cases, hall.state.dossiers[case]
    return {
        "ticket": slip.lines(hall.state, site, hall.state.tickets[ticket]),
        "receipt": receipt.lines(cases[case], applicant, wording, 1),
        "notice": notice.lines(cases[lacking], cases[lacking].notices[0], applicant, "", wording, 1),
        "refusal": notice.lines(cases[refused], cases[refused].notices[0], applicant, "", wording, 1),
        "supplement": supplement.lines(dossier, dossier.supplements[0], applicant, wording, 1),
        "complaint": complaint_slip.lines(complaint, site),
    }


def test_it_is_on_every_paper_at_the_kiosk_and_on_the_board(site: Site) -> None:
    without = {paper for paper, lines in papers(site).items() if not any(PHONE in line.text for line in lines)}
    assert without == set()
    shown = catalogue(site)
    for language in ("zh-Hans", "zh-Hant", "en"):
        assert PHONE in at_kiosk(Snapshot(language=language, catalogue=shown)).phone
        assert PHONE in on_board(BoardState(language=language, catalogue=shown), NOW).phone


def test_there_is_no_hall_without_it() -> None:
    hall = station().model_dump(mode="json")["hall"]
    del hall["phone"]
    with pytest.raises(ValueError, match="phone"):
        station(hall=hall)
