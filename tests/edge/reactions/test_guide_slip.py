"""A guide goes through the kiosk's printer in its turn; it is no record, and never printed for nobody."""

import asyncio

import pytest

from config import folder
from drivers import errors
from edge.catalogue import load_catalogue
from edge.rules.refusal import Refusal
from tests.edge.reactions import virtual
from tests.edge.reactions.rig import rig, station

CATALOGUE = load_catalogue(folder() / "catalogue")


def hall(**settings):
    return rig(catalogue_of=lambda version: CATALOGUE, **settings)


async def asked_behind_a_ticket(it):
    """The gate that lets the printer go on, and who waits for the guide."""
    gate = asyncio.Event()

    async def printing(job):
        await gate.wait()

    it.devices.on_call["print"] = printing
    await it.issue(channel="kiosk")
    asked = asyncio.create_task(it.reactions.printing.guide("k1", "senior-card", "zh-Hans"))
    await it.settle()
    return gate, asked


def test_it_waits_for_the_ticket_before_it_and_leaves_no_record():
    async def main():
        async with hall() as it:
            gate, asked = await asked_behind_a_ticket(it)
            assert len(it.devices.arguments("print")) == 1
            before = it.kinds()
            gate.set()
            assert await asked == "done"
            await it.settle()
            _, guide = it.devices.arguments("print")
            assert [line.text for line in guide.lines][1:3] == ["办事指南", "老年人优待证（颐年卡）申领"]
            assert it.kinds() == [*before, "print.done"]  # the ticket's

    virtual.run(main())


@pytest.mark.parametrize(
    ("error", "outcome"), [(errors.PaperOut, "failed"), (errors.OutcomeUnknown, "unknown"), (errors.Gone, "failed")]
)
def test_how_it_ended_is_told(error, outcome):
    async def main():
        async with hall() as it:

            async def printing(job):
                raise errors.by_code(error.code)

            it.devices.on_call["print"] = printing
            assert await it.reactions.printing.guide("k1", "senior-card", "en") == outcome

    virtual.run(main())


def test_who_went_away_gets_no_paper_and_a_second_wish_waits_for_the_first():
    async def main():
        async with hall() as it:
            gate, asked = await asked_behind_a_ticket(it)
            with pytest.raises(errors.Busy):
                await it.reactions.printing.guide("k1", "senior-card", "zh-Hans")
            asked.cancel()
            await it.settle()
            gate.set()
            await it.settle()
            assert len(it.devices.arguments("print")) == 1
            assert await it.reactions.printing.guide("k1", "senior-card", "zh-Hans") == "done"

    virtual.run(main())


def test_a_kiosk_without_a_printer_and_an_unknown_item():
    async def main():
        plain = station().model_dump(mode="json")
        plain["kiosks"].append({"id": "k2", "area": "a"})
        async with hall(site=station(kiosks=plain["kiosks"])) as it:
            with pytest.raises(Refusal) as refused:
                await it.reactions.printing.guide("k2", "senior-card", "zh-Hans")
            assert refused.value.code == "no_printer"
            with pytest.raises(KeyError):
                await it.reactions.printing.guide("k1", "no-such-item", "zh-Hans")
            assert it.devices.calls == []

    virtual.run(main())
