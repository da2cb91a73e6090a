"""A kiosk at the unix socket: cards, tickets, and nobody's data left behind."""

import asyncio
import contextlib
import json
import logging
from pathlib import Path

import pytest

from drivers.errors import CardMoved, PaperOut
from edge.api.cards import CardDesk, CardSessionOver
from edge.api.client import HallGone, NotAllowed, RefusedError, TroubleError
from edge.api.schema import TicketRequest
from edge.rules.commands import CloseDay
from tests.edge.api.bench import OTHER, PERSON, bench, site, until
from tests.edge.api.conftest import Served


def wish(id: str, card: str = "", service: str = "general") -> TicketRequest:
    return TicketRequest(id=id, service=service, card=card)


async def test_ticket_without_card_waits_in_the_queue(served: Served) -> None:
    client = served.client()
    first = await client.take_ticket(wish("request-1"))
    second = await client.take_ticket(wish("request-2"))
    assert (first.number, first.ahead, first.state, first.windows) == ("A001", 0, "waiting", ("1", "2"))
    assert (second.number, second.ahead) == ("A002", 1)
    assert await client.ticket(second.ticket) == second


async def test_one_id_gives_one_ticket_however_often_it_is_sent(served: Served) -> None:
    client = served.client()
    answers = await asyncio.gather(*(client.take_ticket(wish("same-request")) for _ in range(5)))
    assert {answer.number for answer in answers} == {"A001"}
    assert len(served.hall.state.tickets) == 1


async def test_card_is_masked_and_its_ticket_sealed(served: Served) -> None:
    client = served.client()
    served.hall.reader.lay(PERSON)
    holder = await client.read_card(30)
    assert (holder.name, holder.id_number) == ("张*", "119999********0012")
    ticket = await client.take_ticket(wish("request-1", holder.card))
    kept = served.hall.state.tickets[ticket.ticket]
    assert kept.holder_h
    assert kept.person
    assert (await served.hall.holder(ticket.ticket))["name"] == "张测试"


async def test_repeating_a_ticket_request_after_the_card_was_forgotten(served: Served) -> None:
    client = served.client()
    served.hall.reader.lay(PERSON)
    holder = await client.read_card(30)
    request = wish("request-1", holder.card)
    assert (await client.take_ticket(request)).ticket == (await client.take_ticket(request)).ticket
    with pytest.raises(TroubleError) as over:
        await client.take_ticket(wish("request-2", holder.card))
    assert over.value.trouble.code == "card_session_over"
    assert "重新放一次身份证" in over.value.trouble.text


async def test_second_ticket_of_one_person_is_refused_in_words(served: Served) -> None:
    client = served.client()
    for id in ("request-1", "request-2"):
        served.hall.reader.lay(PERSON)
        holder = await client.read_card(30)
        if id == "request-1":
            await client.take_ticket(wish(id, holder.card))
    client.language = "en"
    with pytest.raises(RefusedError) as refused:
        await client.take_ticket(wish("request-2", holder.card))
    assert refused.value.refused.code == "person_has_ticket"
    assert "A001" in refused.value.refused.text
    assert refused.value.refused.text.isascii()


async def test_ending_the_session_forgets(served: Served) -> None:
    client = served.client()
    served.hall.reader.lay(PERSON)
    holder = await client.read_card(30)
    await client.end_card()
    with pytest.raises(TroubleError):
        await client.take_ticket(wish("request-1", holder.card))
    assert served.hall.state.tickets == {}


async def test_a_new_session_ends_the_old_one(served: Served) -> None:
    client = served.client()
    tokens = []
    for person in (PERSON, OTHER):
        served.hall.reader.lay(person)
        tokens.append((await client.read_card(30)).card)
    with pytest.raises(TroubleError):
        await client.take_ticket(wish("request-1", tokens[0]))
    ticket = await client.take_ticket(wish("request-2", tokens[1]))
    assert (await served.hall.holder(ticket.ticket))["name"] == "李样本"


async def test_device_error_comes_as_words_for_a_citizen(served: Served) -> None:
    client = served.client()
    served.hall.reader.lay(CardMoved("the detail stays here"))
    with pytest.raises(TroubleError) as trouble:
        await client.read_card(30)
    assert trouble.value.trouble.code == "card_moved"
    assert "平放在读卡区" in trouble.value.trouble.text
    assert "detail" not in trouble.value.trouble.text


async def test_second_read_at_one_kiosk_is_refused_while_the_first_waits(served: Served) -> None:
    first = asyncio.create_task(served.client().read_card(30))
    await served.hall.reader.waiting.wait()
    with pytest.raises(TroubleError) as busy:
        await served.client().read_card(30)
    assert busy.value.trouble.code == "busy"
    served.hall.reader.lay(PERSON)
    assert (await first).name == "张*"


async def test_a_client_that_leaves_mid_read_stops_the_reader(served: Served) -> None:
    reading = asyncio.create_task(served.client().read_card(30))
    await served.hall.reader.waiting.wait()
    reading.cancel()
    async with asyncio.timeout(30):
        await served.hall.reader.stopped.wait()
    served.hall.reader.lay(PERSON)
    assert (await served.client().read_card(30)).name == "张*"


async def test_ending_from_another_connection_stops_the_reader(served: Served) -> None:
    reading = asyncio.create_task(served.client().read_card(30))
    await served.hall.reader.waiting.wait()
    await served.client().end_card()
    assert served.hall.reader.stopped.is_set()
    with pytest.raises(TroubleError) as ended:
        await reading
    assert ended.value.trouble.code == "no_answer"


async def test_no_card_in_time_is_nobodys_fault(served: Served) -> None:
    with pytest.raises(TroubleError) as nobody:
        await served.client().read_card(0.02)
    assert nobody.value.trouble.code == "no_answer"
    assert served.hall.reader.stopped.is_set()


async def test_closing_the_client_ends_an_open_read(served: Served) -> None:
    client = served.client()
    reading = asyncio.create_task(client.read_card(30))
    await served.hall.reader.waiting.wait()
    await client.close()
    async with asyncio.timeout(30):
        await served.hall.reader.stopped.wait()
    reading.cancel()
    with contextlib.suppress(HallGone, asyncio.CancelledError):
        await reading


async def test_what_was_read_is_forgotten_by_time(tmp_path: Path) -> None:
    async with bench(tmp_path, site()) as hall:
        desk = CardDesk(hall, lambda n: bytes(n), keep_seconds=0.0)
        hall.reader.lay(PERSON)
        token = (await desk.read("k1", 10)).card

        def forgotten() -> bool:
            try:
                desk.holder("k1", token, "request-1")
            except CardSessionOver:
                return True
            return False

        await until(forgotten)


async def test_refusal_without_open_day(served: Served) -> None:
    await served.hall.execute(CloseDay(), id="close-the-day", actor="site")
    with pytest.raises(RefusedError) as refused:
        await served.client().take_ticket(wish("request-1"))
    assert refused.value.refused.code == "day_closed"
    assert refused.value.refused.who_can == "manager"
    assert "取号" in refused.value.refused.text


async def test_print_state_is_watched_by_ticket(served: Served) -> None:
    client = served.client()
    ticket = await client.take_ticket(wish("request-1"))
    await served.hall.print_ends(ticket.ticket, "failed", PaperOut.code)
    seen = await client.ticket(ticket.ticket)
    assert (seen.state, seen.print, seen.print_code) == ("waiting", "failed", "paper_out")


async def test_nothing_personal_in_logs_or_errors(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = served.client()
    answers = []
    for id in ("request-1", "request-2"):
        served.hall.reader.lay(PERSON)
        holder = await client.read_card(30)
        answers.append(holder.model_dump_json())
        with contextlib.suppress(RefusedError):
            answers.append((await client.take_ticket(wish(id, holder.card))).model_dump_json())
    with pytest.raises(NotAllowed) as form:
        await client._send("POST", "/api/kiosk/k1/ticket", TicketRequest.model_construct(id="张测试", service="x"))
    everything = json.dumps([*answers, str(form.value), caplog.text], ensure_ascii=False)
    assert PERSON.number not in everything
    assert "测试" not in everything


async def test_another_place_is_denied(served: Served) -> None:
    with pytest.raises(NotAllowed) as denied:
        await served.client()._send("DELETE", "/api/kiosk/k2/card")
    assert denied.value.status == 403
    with pytest.raises(NotAllowed) as nobody:
        await served.client("k9").catalogue()
    assert nobody.value.status == 403


async def test_a_mistake_in_the_hall_still_gives_words(served: Served) -> None:
    served.hall.mistake = ValueError("secret inner reason")
    with pytest.raises(TroubleError) as trouble:
        await served.client().take_ticket(wish("request-1"))
    assert trouble.value.trouble.code == "hall_fault"
    assert "secret" not in trouble.value.trouble.text
