"""After every commit every device of every window is told what it must show; telling it again is harmless."""

from edge.engine import Engine
from edge.reactions.ports import DevicesPort
from edge.reactions.views import displays, keypads, pads
from edge.rules.state import State
from edge.site import Site


def show(state: State, site: Site, devices: DevicesPort) -> None:
    for window in site.windows:
        if window.display:
            devices.want(window.display, displays.page(state, site, window))
        if window.keypad:
            devices.want(window.keypad, keypads.line(state, window.id))
        if window.pad:
            devices.want(window.pad, pads.prompt(state, window.id))


async def run(engine: Engine, site: Site, devices: DevicesPort) -> None:
    """Until cancelled; begins with what is committed now."""
    async with engine.subscribe() as feed:
        show(engine.state, site, devices)
        async for _ in feed:
            show(engine.state, site, devices)
