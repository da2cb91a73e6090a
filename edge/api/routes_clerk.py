"""What a clerk may do: sign in, call and serve at the window the session is bound to; and the technician's sign-in."""

from collections.abc import Callable
from typing import Literal

from fastapi import HTTPException, Request, Response

from edge.api import case_snapshots, snapshots
from edge.api.access import Caller, Role, allow
from edge.api.cards import masked
from edge.api.routes_public import Hall, Who
from edge.api.routes_queue import done
from edge.api.schema import (
    Act,
    MaskedHolder,
    Outcome,
    PinRequest,
    Session,
    SignInRequest,
    TicketSnapshot,
    WindowSnapshot,
)
from edge.api.sessions import PinCheck, PinHolder, Sessions
from edge.rules import prints
from edge.rules.commands import (
    CallNext,
    Command,
    DisclosePart,
    EndPrint,
    FinishService,
    MissTicket,
    Recall,
    SignIn,
    SignOut,
    StartService,
)
from edge.rules.queue_commands import HoldTicket, ResumeWindow, UndoCall
from edge.rules.refusal import Refusal
from edge.site import Site

Verb = Literal["next", "recall", "miss", "start", "finish", "undo", "hold", "work"]
_COMMANDS: dict[Verb, Callable[[str], Command]] = {
    "next": lambda window: CallNext(window=window),
    "recall": lambda window: Recall(window=window),
    "miss": lambda window: MissTicket(window=window),
    "start": lambda window: StartService(window=window),
    "finish": lambda window: FinishService(window=window),
    "undo": lambda window: UndoCall(window=window),
    "hold": lambda window: HoldTicket(window=window),
    "work": lambda window: ResumeWindow(window=window),
}


@allow("visitor", "clerk", "technician", "guide", "lead")
async def sign_in(asked: SignInRequest, request: Request, response: Response, hall: Hall) -> Session:
    if all(window.id != asked.window for window in hall.site.windows):
        raise Refusal("window_unknown", who_can="technician")
    people = tuple(clerk for clerk in hall.site.clerks if asked.window in clerk.windows)
    clerk = await check_pin(request, people, asked.pin, asked.window)
    actor = Caller("clerk", asked.window, clerk.id).actor
    await hall.execute(SignIn(window=asked.window, clerk=clerk.id), id=own_id(request, "signin"), actor=actor)
    return session_started(request, response, "clerk", asked.window, clerk)


@allow("visitor", "clerk", "technician", "guide", "lead")
async def technician_sign_in(asked: PinRequest, request: Request, response: Response, hall: Hall) -> Session:
    if not hall.site.technicians:
        raise HTTPException(403, "this site names no technicians")
    person = await check_pin(request, hall.site.technicians, asked.pin, "technician")
    return session_started(request, response, "technician", "", person)


@allow("clerk", "technician", "guide", "lead")
async def session(hall: Hall, who: Who) -> Session:
    return Session(window=who.place, clerk=who.clerk, name=_name(hall.site, who), role=_role(who.role))


@allow("clerk", "technician", "guide", "lead")
async def sign_out(request: Request, hall: Hall, who: Who) -> Response:
    if who.role == "clerk":
        await hall.execute(SignOut(window=who.place), id=own_id(request, "signout"), actor=who.actor)
    _sessions(request).end(request)
    return Response(status_code=204)


@allow("clerk")
async def window(window: str, request: Request, hall: Hall, who: Who) -> WindowSnapshot:
    own_window(window, who)
    devices = snapshots.devices(hall.devices(), who, request.state.language)
    case = case_snapshots.of_window(hall, window, request.state.language)
    return snapshots.window(hall.state, hall.site, window, devices, hall.link(), case, now_ms=hall.now_ms())


@allow("clerk")
async def act(window: str, verb: Verb, asked: Act, hall: Hall, who: Who) -> Outcome:
    return await done(hall, who, window, _COMMANDS[verb](window), asked.id)


@allow("clerk")
async def holder(window: str, request: Request, hall: Hall, who: Who) -> MaskedHolder:
    """The record that it was shown comes before it is shown."""
    own_window(window, who)
    ticket = hall.state.tickets.get(hall.state.windows[window].ticket)
    if ticket is None or not ticket.holder_h:
        raise Refusal("part_unknown")
    command = DisclosePart(ticket=ticket.uid, h=ticket.holder_h, purpose="greet_at_window", window=window)
    await hall.execute(command, id=own_id(request, "disclose"), actor=who.actor)
    try:
        person = await hall.holder(ticket.uid)
    except LookupError:
        raise Refusal("part_unknown") from None
    return masked(str(person["name"]), str(person["id_number"]))


@allow("clerk")
async def reprint(uid: str, asked: Act, hall: Hall, who: Who) -> TicketSnapshot:
    if uid not in hall.state.tickets:
        raise Refusal("ticket_unknown")
    await hall.reprint(uid, id=asked.id, actor=who.actor)
    return snapshots.ticket(hall.state, hall.site, hall.state.tickets[uid], hall.now_ms())


@allow("clerk")
async def came_out(uid: str, asked: Act, hall: Hall, who: Who) -> TicketSnapshot:
    """Nobody could tell whether it was printed; this clerk has seen it."""
    ticket = hall.state.tickets.get(uid)
    if ticket is None:
        raise Refusal("ticket_unknown")
    seen = EndPrint(ticket=uid, job=ticket.print_job, outcome="done", code=prints.SEEN)
    await hall.execute(seen, id=asked.id, actor=who.actor)
    return snapshots.ticket(hall.state, hall.site, hall.state.tickets[uid], hall.now_ms())


async def check_pin(request: Request, people: tuple[PinHolder, ...], pin: str, where: str) -> PinHolder:
    pins: PinCheck = request.app.state.pins
    return await pins.who(people, pin, (where, _sessions(request).browser(request)))


def session_started(request: Request, response: Response, role: Role, window: str, person: PinHolder) -> Session:
    sessions = _sessions(request)
    sessions.set_cookies(response, sessions.start(role, window, person), secure=request.url.scheme == "https")
    return Session(window=window, clerk=person.id, name=person.name, role=_role(role))


def _sessions(request: Request) -> Sessions:
    found: Sessions = request.app.state.sessions
    return found


def own_id(request: Request, purpose: str) -> str:
    """Command id of a step that the form of the route gives none."""
    token: bytes = request.app.state.random_bytes(16)
    return f"{purpose}-{token.hex()}"


def own_window(window: str, who: Caller) -> None:
    if window != who.place:
        raise HTTPException(403, "another window")


def _name(site: Site, who: Caller) -> str:
    everybody: dict[str, tuple[PinHolder, ...]] = {
        "clerk": site.clerks,
        "guide": site.guides,
        "lead": site.leads,
    }
    people = everybody.get(who.role, site.technicians)
    return next((person.name for person in people if person.id == who.clerk), who.clerk)


def _role(role: Role) -> Literal["clerk", "technician", "guide", "lead"]:
    return role if role in ("guide", "technician", "lead") else "clerk"
