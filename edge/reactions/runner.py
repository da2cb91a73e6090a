"""Everything that follows committed records, as one thing to run."""

import asyncio

from edge.clock import Clock, Ids
from edge.engine import Engine
from edge.reactions.inputs import Inputs
from edge.reactions.jobs.announce import Announcing
from edge.reactions.jobs.copying import Copying
from edge.reactions.jobs.printing import Printing, TellWait, tell_nothing
from edge.reactions.jobs.rating import RatingTimes
from edge.reactions.papers import CatalogueOf, CodeOf, Head, no_catalogue, no_code
from edge.reactions.ports import DevicesPort
from edge.reactions.sealed import NOTHING_SEALED, SealedPort
from edge.reactions.views import runner as views
from edge.site import Site


class Reactions:
    """`inputs.on_event` takes what devices report; `printing.reprint` and `reprint_paper` are the clerk's 补打;
    `copying` is 打印复印 at the kiosks.

    `sealed` opens applicants for the papers of cases, `catalogue_of` names what stands on them. `tell_wait`
    commits what a ticket is told of its wait. `code_of` is the code by which a ticket's holder may judge later.
    `head` stands above every paper.
    """

    def __init__(
        self,
        engine: Engine,
        site: Site,
        devices: DevicesPort,
        *,
        clock: Clock,
        ids: Ids,
        sealed: SealedPort = NOTHING_SEALED,
        catalogue_of: CatalogueOf = no_catalogue,
        tell_wait: TellWait = tell_nothing,
        code_of: CodeOf = no_code,
        head: Head = (),
    ) -> None:
        self._engine, self._site, self._devices = engine, site, devices
        self.inputs = Inputs(engine, site, devices, clock=clock)
        self.printing = Printing(
            engine,
            site,
            devices,
            ids=ids,
            sealed=sealed,
            catalogue_of=catalogue_of,
            tell_wait=tell_wait,
            code_of=code_of,
            head=head,
        )
        self.copying = Copying(engine, site, devices, self.printing, catalogue_of, ids=ids)
        self._announcing = Announcing(engine, site, devices, clock=clock)
        self._rating = RatingTimes(engine, clock=clock)

    async def run(self) -> None:
        """Until cancelled; start it after `engine.restore` and beside `engine.run`. Raises JournalFailed (grouped)."""
        async with asyncio.TaskGroup() as group:
            group.create_task(views.run(self._engine, self._site, self._devices))
            group.create_task(self.inputs.run())
            group.create_task(self.printing.run())
            group.create_task(self.copying.run())
            group.create_task(self._announcing.run())
            group.create_task(self._rating.run())
