"""What of the site's file the rules depend on, and what a restart means."""

from edge.rules import clerks, copies, look, prints
from edge.rules.commands import ConfigureSite, StartBoot
from edge.rules.moment import Fact, Moment
from edge.rules.records import BootStarted, Draft, SiteConfigured, WindowSetup
from edge.rules.state import State, WindowState


def boot(state: State, command: StartBoot, moment: Moment) -> list[Draft]:
    body = BootStarted(boot=command.boot, now=moment.now_ms, version=command.version)
    begun = Draft(kind="boot.started", subject="site", actor=moment.actor, body=body)
    return [begun, *prints.cut_off(state, moment), *copies.cut_off(state, moment)]


def configure(state: State, command: ConfigureSite, moment: Moment) -> list[Draft]:
    """No records when nothing changed. A window taken out while a citizen is there stays until it is free."""
    if command.hash == state.setup_hash:
        return []
    body = SiteConfigured(
        hash=command.hash,
        windows=command.windows + _still_busy(state, command),
        services=command.services,
        recalls=command.recalls,
        rating_seconds=command.rating_seconds,
        clerks=command.clerks,
        queue=command.queue,
        oversight=command.oversight,
    )
    kept = {window.id for window in body.windows}
    gone = [
        clerks.signed_out_draft(state, window, moment)
        for uid, window in state.windows.items()
        if window.clerk and (window.clerk not in command.clerks or uid not in kept)
    ]
    return [*gone, Draft(kind="site.configured", v=3, subject="site", actor=moment.actor, body=body)]


def started(state: State, fact: Fact, body: BootStarted) -> None:
    """Nothing in the state changes: what a restart settles is in the records after it."""


def configured(state: State, fact: Fact, body: SiteConfigured) -> None:
    state.setup_hash = body.hash
    state.recalls, state.rating_seconds = body.recalls, body.rating_seconds
    state.clerks = body.clerks
    state.queue, state.oversight = body.queue, body.oversight
    state.services = {service.id: service for service in body.services}
    before = state.windows
    state.windows = {setup.id: _renewed(before.get(setup.id), setup) for setup in body.windows}
    for ticket in state.tickets.values():
        target = state.windows.get(ticket.to)
        if ticket.to and (target is None or ticket.service not in target.setup.services):
            ticket.to = ""


def _renewed(window: WindowState | None, setup: WindowSetup) -> WindowState:
    return WindowState(setup=setup) if window is None else window.model_copy(update={"setup": setup})


def _still_busy(state: State, command: ConfigureSite) -> tuple[WindowSetup, ...]:
    """With somebody at it, or with papers of somebody put aside: only there may they be taken up again."""
    named = {window.id for window in command.windows}
    aside = {ticket.window for ticket in state.tickets.values() if ticket.state == "held"}
    return tuple(
        WindowSetup(id=uid, area=window.setup.area, services=())
        for uid, window in state.windows.items()
        if uid not in named and (look.at_window(state, window) is not None or uid in aside)
    )
