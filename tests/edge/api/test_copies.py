"""打印复印 at a kiosk over its API, to a real printer: what is left, the page looked at, one print an id, none kept."""

import asyncio
import base64
import hashlib
import io
import logging
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image
from ruamel.yaml import YAML

from drivers.errors import Absent, CoverOpen
from edge.api import copy_desk
from edge.api.client import NotAllowed, RefusedError, TroubleError
from edge.api.copy_desk import CopyDesk
from edge.api.copy_schema import CopyPrint, CopyTake, CopyWho
from edge.api.schema import TicketRequest
from edge.books import SiteBooks
from edge.clock import Ids, SystemClock
from edge.reactions.jobs.copying import Copying
from edge.reactions.jobs.printing import Printing
from edge.site import Site
from tests.edge.api.bench import PERSON, STATION, bench, catalogue, free_port, serving, site, stored
from tests.edge.api.conftest import Served
from tests.edge.reactions.office import Office, with_copies
from tests.support.ippeve import Printer, ippeveprinter

ITEM = "residence-permit-apply"


def copy_site(port: int) -> Site:
    data = with_copies(YAML(typ="safe").load(STATION))
    data["leads"] = [{"id": "l01", "name": "值班长一号", "pin": stored("7531")}]
    data["kiosks"][0]["scanner"] = "codes-1"
    data["api"] = site(port).model_dump(mode="json")["api"]
    return Site.model_validate(data)


@dataclass
class Copier(Served):
    """`office`: the hall's way to the `printer`."""

    office: Office = None  # type: ignore[assignment]
    printer: Printer = None  # type: ignore[assignment]

    async def card(self) -> str:
        self.hall.reader.lay(PERSON)
        return (await self.client().read_card(30)).card

    async def ticket(self, number: int = 1) -> str:
        """The code on its paper."""
        ticket = await self.client().take_ticket(TicketRequest(id=f"ticket-{number}", service="general"))
        return self.hall.slip_code(ticket.ticket)

    def kinds(self) -> list[str]:
        return [each.print for each in self.hall.state.copies.values()]


@pytest.fixture
async def copier(tmp_path: Path) -> AsyncIterator[Copier]:
    port, clock = free_port(), SystemClock()
    async with (
        ippeveprinter(tmp_path / "out", "application/pdf,image/pwg-raster") as printer,
        bench(tmp_path / "journal", copy_site(port)) as hall,
        serving(hall, tmp_path) as socket,
        AsyncExitStack() as stack,
    ):
        office, ids = Office(printer.url, tmp_path), Ids(clock, random.Random(23).randbytes)
        await office.open()
        printing = Printing(hall.engine, hall.site, office, ids=ids)
        hall.copying = Copying(hall.engine, hall.site, office, printing, lambda _: catalogue(), ids=ids)
        running = [asyncio.create_task(printing.run()), asyncio.create_task(hall.copying.run())]
        await asyncio.sleep(0)
        yield Copier(hall, socket, port, stack, 0, office, printer)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_what_is_left_is_told_before_anything_is_printed(copier: Copier) -> None:
    client = copier.client()
    offer = await client.copies(CopyWho(card=await copier.card()))
    assert (offer.left, offer.limit, offer.most, offer.spent) == (6, 6, 5, "")
    assert (offer.camera, offer.paper, offer.trouble) == (True, "ok", "")
    assert offer.area["zh-Hans"] == "商务区"
    ticket = await client.copies(CopyWho(code=await copier.ticket()))
    assert (ticket.left, ticket.limit) == (2, 2)
    assert (await client.catalogue()).copiers == ("k1",)


async def test_a_paper_of_ones_own_is_looked_at_printed_and_forgotten(copier: Copier) -> None:
    client, card = copier.client(), await copier.card()
    first = await client.copy_page(CopyTake(id="page-0001"))
    again = await client.copy_page(CopyTake(id="page-0001"))
    assert (first.pages, again, copier.hall.camera.taken) == (1, first, 1)
    shown = Image.open(io.BytesIO(base64.b64decode(first.picture)))
    assert shown.size == (620, 877)
    assert (await client.copy_page(CopyTake(id="page-0002"))).pages == 2
    assert (await client.copy_page(CopyTake(id="page-0003", anew=True))).pages == 2
    wish = CopyPrint(id="print-0001", kind="own", card=card)
    printed = await client.print_copies(wish)
    assert (printed.paper, printed.pages, printed.came, printed.left) == ("done", 2, 2, 4)
    assert len(copier.printer.pages()) == 2
    assert await client.print_copies(wish) == printed  # the same request is one print, though the pages are gone
    assert len(copier.printer.pages()) == 2
    with pytest.raises(RefusedError) as none:
        await client.print_copies(CopyPrint(id="print-0002", kind="own", card=card))
    assert none.value.refused.code == "copy_no_pages"
    await client.end_card()
    assert await client.print_copies(wish) == printed  # its end is told, though nobody knows the card any more


async def test_papers_of_an_item_say_how_many_pages_they_are(copier: Copier) -> None:
    client, card = copier.client(), await copier.card()
    found = await client.copy_papers(ITEM)
    assert {paper.kind for paper in found.papers} >= {"guide"}
    pages = {paper.kind: paper.pages for paper in found.papers}
    printed = await client.print_copies(CopyPrint(id="print-0001", kind="guide", item=ITEM, card=card))
    assert (printed.paper, printed.came) == ("done", pages["guide"])
    (sheet,) = copier.printer.pages()
    assert sheet.read_bytes().count(b"/MediaBox") == pages["guide"]
    with pytest.raises(NotAllowed) as unknown:
        await client.print_copies(CopyPrint(id="print-0002", kind="guide", item="none", card=card))
    assert unknown.value.status == 404
    with pytest.raises(NotAllowed):
        await client.copy_papers("none")


async def test_used_up_says_so_politely_and_where_to_go_and_a_lead_gives_more(copier: Copier) -> None:
    client, code = copier.client(), await copier.ticket()
    for n in range(3):
        await client.copy_page(CopyTake(id=f"page-000{n}"))
    with pytest.raises(RefusedError) as spent:
        await client.print_copies(CopyPrint(id="print-0001", kind="own", code=code))
    assert spent.value.refused.code == "copies_spent"
    assert "商务区" in spent.value.refused.text
    assert "2 页" in spent.value.refused.text
    lead = copier.browser()
    assert (await lead.post("/api/lead/session", json={"pin": "7531"})).status_code == 200
    grant = {"id": "grant-0001", "number": "A001", "pages": 3, "why": "in_need"}
    for _ in range(2):  # the same request again gives nothing twice
        given = await lead.post("/api/oversight/copies", json=grant)
        assert given.status_code == 200, given.text
    assert (await client.copies(CopyWho(code=code))).left == 5
    # The pages taken are still there: he need not lay them down again.
    printed = await client.print_copies(CopyPrint(id="print-0002", kind="own", code=code))
    assert (printed.paper, printed.came, printed.left) == ("done", 3, 2)
    day = (await lead.get("/api/oversight/copies")).json()
    assert (day["printed"], day["unsure"], day["left"], day["prints"]) == ({"own": 3}, 0, 17, 1)


@pytest.mark.parametrize("role", ["clerk", "visitor"])
async def test_only_a_lead_gives_more(copier: Copier, role: str) -> None:
    browser = await copier.clerk() if role == "clerk" else copier.browser()
    answer = await browser.post(
        "/api/oversight/copies", json={"id": "grant-0001", "number": "", "pages": 3, "why": "other"}
    )
    assert answer.status_code in (401, 403)


async def test_the_hall_used_up_is_said_in_the_offer(copier: Copier) -> None:
    copier.hall.engine.books = with_hall_pages(copier, 1)
    offer = await copier.client().copies(CopyWho(card=await copier.card()))
    assert (offer.left, offer.spent) == (1, "")
    copier.hall.engine.books = with_hall_pages(copier, 0)
    offer = await copier.client().copies(CopyWho(card=await copier.card()))
    assert (offer.left, offer.spent) == (0, "hall")


def with_hall_pages(copier: Copier, pages: int) -> SiteBooks:
    books = copier.hall.engine.books
    assert isinstance(books, SiteBooks)
    return replace(books, copies=replace(books.copies, hall=pages))


async def test_a_code_that_no_ticket_has_is_told_and_guessing_has_to_wait(copier: Copier) -> None:
    client = copier.client()
    with pytest.raises(RefusedError) as none:
        await client.copies(CopyWho(code="00000000"))
    assert none.value.refused.code == "copy_no_ticket"
    for _ in range(8):
        with pytest.raises(RefusedError) as wait:
            await client.copies(CopyWho(code="00000000"))
    assert wait.value.refused.code == "query_wait"


@pytest.mark.parametrize("who", [{}, {"card": "x", "code": "12345678"}])
async def test_exactly_one_of_card_and_code(copier: Copier, who: dict[str, str]) -> None:
    with pytest.raises(NotAllowed) as wrong:
        await copier.client().copies(CopyWho(**who))
    assert wrong.value.status == 422


async def test_a_card_session_that_is_over_prints_nothing(copier: Copier) -> None:
    client, card = copier.client(), await copier.card()
    await client.end_card()
    for asked in (
        client.copies(CopyWho(card=card)),
        client.print_copies(CopyPrint(id="print-1x", kind="own", card=card)),
    ):
        with pytest.raises(TroubleError) as over:
            await asked
        assert over.value.trouble.code == "card_session_over"
    assert copier.printer.pages() == []


async def test_a_printer_in_trouble_is_said_before(copier: Copier, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object, **__: object) -> None:
        raise Absent("switched off")

    monkeypatch.setattr(copier.office, "call", gone)
    offer = await copier.client().copies(CopyWho(card=await copier.card()))
    assert (offer.paper, offer.trouble) == ("unknown", "absent")


async def test_a_camera_in_trouble_is_told_and_takes_no_page(copier: Copier) -> None:
    client = copier.client()
    copier.hall.camera.trouble = CoverOpen("lid")
    with pytest.raises(TroubleError):
        await client.copy_page(CopyTake(id="page-0001"))
    copier.hall.camera.trouble = None
    assert (await client.copy_page(CopyTake(id="page-0002"))).pages == 1


async def test_no_more_pages_than_one_print_may_have(copier: Copier) -> None:
    client = copier.client()
    for n in range(5):
        await client.copy_page(CopyTake(id=f"page-000{n}"))
    with pytest.raises(RefusedError) as full:
        await client.copy_page(CopyTake(id="page-0009"))
    assert full.value.refused.code == "copy_too_long"
    await client.copy_page(CopyTake(id="page-0010", anew=True))
    await client.end_copies()
    assert (await client.copy_page(CopyTake(id="page-0011"))).pages == 1


async def test_a_kiosk_without_an_office_printer_offers_none(served: Served) -> None:
    with pytest.raises(RefusedError) as off:
        await served.client().copies(CopyWho(code="12345678"))
    assert off.value.refused.code == "copies_off"
    assert (await served.client().catalogue()).copiers == ()


async def test_pages_that_nobody_prints_are_forgotten_after_a_while(copier: Copier) -> None:
    desk = CopyDesk(copier.hall)
    await desk.take("k1", "page-0001", anew=False)
    with desk.handing_over("k1") as pages:
        assert len(pages) == 1
    with desk.handing_over("k1") as pages:
        assert pages == ()
    hasty = CopyDesk(copier.hall, keep_seconds=0.05)
    await hasty.take("k1", "page-0002", anew=False)
    async with asyncio.timeout(20):
        while hasty._held:
            await asyncio.sleep(0.01)


async def test_neither_card_nor_page_is_in_journal_folder_or_log(
    copier: Copier, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The paper's bytes as the camera gave them, as they were printed, and every third line of them; also in base64."""
    caplog.set_level(logging.DEBUG)
    client, card = copier.client(), await copier.card()
    page = await client.copy_page(CopyTake(id="page-0001"))
    await client.print_copies(CopyPrint(id="print-0001", kind="own", card=card))
    jpeg = base64.b64decode(page.picture)
    needles = [jpeg[n : n + 24] for n in range(200, len(jpeg) - 24, 200)] + [hashlib.sha256(jpeg).hexdigest().encode()]
    needles += [base64.b64encode(jpeg)[n : n + 24] for n in range(200, len(jpeg), 400)]
    needles += [PERSON.number.encode(), "张测试".encode()]
    assert len(needles) > 10
    files = [file for file in tmp_path.rglob("*") if file.is_file() and "out" not in file.parts]
    assert any("journal" in str(file) for file in files)
    kept = b"".join(file.read_bytes() for file in files) + caplog.text.encode()
    assert [needle for needle in needles if needle in kept] == []
    (reserved,) = copier.hall.state.copies.values()
    assert reserved.account == copier.hall.person_ref(copier.hall.state.date, PERSON.number)


def test_a_page_is_made_small_enough_for_the_line_to_the_printer() -> None:
    noise = Image.effect_noise((1654, 2339), 120).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=95)
    assert len(out.getvalue()) > copy_desk.MOST_BYTES
    assert len(copy_desk.grey(out.getvalue())) <= copy_desk.MOST_BYTES
