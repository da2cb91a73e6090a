"""Everything that follows committed records, as one thing to run."""

import asyncio

from edge.clock import Clock, Ids
from edge.engine import Engine
from edge.reactions.inputs import Inputs
from edge.reactions.jobs.announce import Announcing
from edge.reactions.jobs.printing import Printing
from edge.reactions.jobs.rating import RatingTimes
from edge.reactions.ports import DevicesPort
from edge.reactions.views import runner as views
from edge.site import Site


class Reactions:
    """`inputs.on_event` takes what devices report; `printing.reprint` is the clerk's 补打."""

    def __init__(self, engine: Engine, site: Site, devices: DevicesPort, *, clock: Clock, ids: Ids) -> None:
        self._engine, self._site, self._devices = engine, site, devices
        self.inputs = Inputs(engine, site, devices, clock=clock)
        self.printing = Printing(engine, site, devices, ids=ids)
        self._announcing = Announcing(engine, site, devices, clock=clock)
        self._rating = RatingTimes(engine, clock=clock)

    async def run(self) -> None:
        """Until cancelled; start it after `engine.restore` and beside `engine.run`. Raises JournalFailed (grouped)."""
        async with asyncio.TaskGroup() as group:
            group.create_task(views.run(self._engine, self._site, self._devices))
            group.create_task(self.inputs.run())
            group.create_task(self.printing.run())
            group.create_task(self._announcing.run())
            group.create_task(self._rating.run())
