"""打印复印: reserved before the first byte, one end, a restart prints nothing again, and no page stays anywhere."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any

import pytest
from ruamel.yaml import YAML

from drivers.contract import PrintJob
from drivers.errors import Absent, Late, OutcomeUnknown, PaperOut
from edge.catalogue import load_catalogue
from edge.copying import CopyWish, NoPages, kinds
from edge.reactions.jobs.copying import Copying
from edge.rules.books import EmptyBooks
from edge.rules.commands import StartBoot
from edge.rules.refusal import Refusal
from edge.site import Site
from tests.edge.reactions import virtual
from tests.edge.reactions.office import paper, sent, with_copies
from tests.edge.reactions.rig import STATION, Devices, Rig, rig

CONFIG = STATION.parents[1]
ITEM = "residence-permit-apply"
PERSON = "9c" * 32


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        virtual.run(test(*arguments, **named))

    return run


@dataclass
class Kiosk:
    it: Rig

    @property
    def copying(self) -> Copying:
        return self.it.reactions.copying

    async def print(self, wish: CopyWish, id: str = "request-1") -> object:
        return await self.copying.print(wish, id=id, actor="kiosk:k1")

    def kinds(self) -> list[str]:
        return [kind for kind in self.it.kinds() if kind.startswith("copy.")]


def own(*pages: bytes, account: str = PERSON) -> CopyWish:
    return CopyWish(kiosk="k1", kind="own", account=account, by="card", pages=pages)


def of_item(kind: str = "guide") -> CopyWish:
    return CopyWish(kiosk="k1", kind=kind, account=PERSON, by="card", item=ITEM)  # type: ignore[arg-type]


@asynccontextmanager
async def kiosk(journal: object = None) -> AsyncIterator[Kiosk]:
    made = Site.model_validate(with_copies(YAML(typ="safe").load(STATION.read_text("utf-8"))))
    catalogue = load_catalogue(CONFIG / "catalogue")
    books = EmptyBooks(copies=made.copy_setup)
    async with rig(made, journal, books=books, catalogue_of=lambda _: catalogue) as it:  # type: ignore[arg-type]
        yield Kiosk(it)


def answering(devices: Devices, sheets: int = 2) -> None:
    """The printer says how many sheets a job takes."""
    plain = devices.call

    async def call(device, verb, argument, *, deadline):  # type: ignore[no-untyped-def]
        answer = await plain(device, verb, argument, deadline=deadline)
        return {"count": sheets} if verb == "sheets" else {"state": "near_end"} if verb == "status" else answer

    devices.call = call  # type: ignore[method-assign]


@in_virtual_time
async def test_a_copy_is_reserved_before_the_first_byte_and_charged_by_its_end() -> None:
    async with kiosk() as place:
        seen: list[list[str]] = []

        async def look(job: PrintJob) -> None:
            seen.append(place.kinds())

        place.it.devices.on_call["print"] = look
        pages = [paper("one"), paper("two")]
        ended = await place.print(own(*pages))
        assert seen == [["copy.reserved"], ["copy.reserved"]]
        assert place.kinds() == ["copy.reserved", "copy.done"]
        assert (ended.print, ended.pages, ended.came, ended.unsure) == ("done", 2, 2, 0)  # type: ignore[attr-defined]
        jobs = place.it.devices.arguments("print")
        assert [job.id for job in jobs] == ["c:request-1-1", "c:request-1-2"]
        assert [sent(job) for job in jobs] == pages
        assert {device for device, verb, *_ in place.it.devices.calls if verb == "print"} == {"office-1"}


@in_virtual_time
async def test_the_same_request_is_one_print_at_once_and_later() -> None:
    async with kiosk() as place:
        first, second = await asyncio.gather(place.print(own(paper())), place.print(own(paper())))
        later = await place.print(own())  # the pages are forgotten by now
        assert first == second == later
        assert len(place.it.devices.arguments("print")) == 1
        assert place.kinds() == ["copy.reserved", "copy.done"]


@in_virtual_time
@pytest.mark.parametrize(
    ("error", "kind", "charged", "unsure"),
    [
        (PaperOut("no paper"), "copy.failed", 1, 0),
        (Absent("gone"), "copy.failed", 1, 0),
        (OutcomeUnknown("jam"), "copy.unknown", 1, 1),
        (Late("late"), "copy.unknown", 1, 1),
    ],
)
async def test_what_did_not_come_out_is_not_charged(error: Exception, kind: str, charged: int, unsure: int) -> None:
    """Of three sheets the second goes wrong: the third is not begun."""
    async with kiosk() as place:

        async def second_fails(job: PrintJob) -> None:
            if job.id.endswith("-2"):
                raise error

        place.it.devices.on_call["print"] = second_fails
        ended = await place.print(own(paper(), paper(), paper()))
        assert (ended.came, ended.unsure) == (charged, unsure)  # type: ignore[attr-defined]
        assert place.kinds() == ["copy.reserved", kind]
        assert len(place.it.devices.arguments("print")) == 2


@in_virtual_time
async def test_a_kill_in_the_middle_prints_nothing_again_and_charges_nothing() -> None:
    async with kiosk() as place:
        hangs = asyncio.Event()

        async def hang(job: PrintJob) -> None:
            hangs.set()
            await asyncio.Event().wait()

        place.it.devices.on_call["print"] = hang
        asking = asyncio.create_task(place.print(own(paper(), paper())))
        await hangs.wait()
        journal = place.it.journal
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    async with kiosk(journal) as place:
        await place.it.do(StartBoot(boot="0" * 16, version="1"), "system")
        assert place.kinds() == ["copy.reserved", "copy.unknown"]
        again = await place.print(own(paper(), paper()))  # the kiosk sends the same request again
        assert (again.print, again.came, again.unsure) == ("unknown", 0, 2)  # type: ignore[attr-defined]
        assert place.it.devices.arguments("print") == []
        fresh = await place.print(own(paper()), "request-2")
        assert fresh.came == 1  # type: ignore[attr-defined]


@in_virtual_time
async def test_the_asker_may_go_away_the_print_has_its_end() -> None:
    async with kiosk() as place:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow(job: PrintJob) -> None:
            begun.set()
            await go_on.wait()

        place.it.devices.on_call["print"] = slow
        asking = asyncio.create_task(place.print(own(paper())))
        await begun.wait()
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        go_on.set()
        await place.it.settle()
        assert place.kinds() == ["copy.reserved", "copy.done"]


@in_virtual_time
async def test_a_refused_print_sends_nothing() -> None:
    async with kiosk() as place:
        for n, expected in enumerate([5, 1]):
            ended = await place.print(own(*[paper()] * expected), f"request-{n}-x")
            assert ended.came == expected  # type: ignore[attr-defined]
        with pytest.raises(Refusal) as refused:
            await place.print(own(paper()), "request-9")
        assert (refused.value.code, refused.value.values) == ("copies_spent", {"left": 0, "area": "business"})
        assert len(place.it.devices.arguments("print")) == 6
        with pytest.raises(NoPages):
            await place.print(own(), "request-8")


@in_virtual_time
async def test_a_paper_of_an_item_is_counted_by_the_printer_before_it_is_printed() -> None:
    async with kiosk() as place:
        answering(place.it.devices, sheets=2)
        assert await place.copying.sheets("k1", ITEM, "guide", "zh-Hans") == 2
        assert (await place.copying.paper("k1")).state == "near_end"
        ended = await place.print(of_item())
        assert (ended.pages, ended.came) == (2, 2)  # type: ignore[attr-defined]
        (job,) = place.it.devices.arguments("print")
        assert (job.id, job.picture) == ("c:request-1", "")
        assert "办事指南" in [line.text for line in job.lines]
        with pytest.raises(KeyError):
            await place.print(CopyWish(kiosk="k1", kind="guide", account=PERSON, by="card", item="none"), "request-2")
        with pytest.raises(Refusal):
            await place.copying.sheets("k9", ITEM, "guide", "zh-Hans")


@in_virtual_time
async def test_a_blank_sheet_has_the_samples_labels_and_none_of_its_answers() -> None:
    async with kiosk() as place:
        answering(place.it.devices, sheets=1)
        catalogue = load_catalogue(CONFIG / "catalogue")
        item = next(each for each in catalogue.items.values() if "form" in kinds(each) and each.kiosk.shown)
        for kind in ("form", "sample"):
            wish = CopyWish(kiosk="k1", kind=kind, account=PERSON, by="card", item=item.id)  # type: ignore[arg-type]
            await place.print(wish, f"request-{kind}")
        form, sample = ["\n".join(line.text for line in job.lines) for job in place.it.devices.arguments("print")]
        assert "姓名：____" in form
        assert "张三" not in form
        assert "姓名：张三" in sample
        assert "人物为虚构" in sample


@in_virtual_time
async def test_no_page_is_in_any_record() -> None:
    async with kiosk() as place:
        page = paper("canary")
        await place.print(own(page))
        written = b"".join(repr(record.data).encode() for record in place.it.journal.committed)
        assert page[100:140].hex().encode() not in written
        assert not place.copying._running
