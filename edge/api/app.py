"""The application of one listener: the route table of its kind, the guard around it, errors as words."""

import os
from collections.abc import Callable
from functools import cache
from typing import Any, Final, Literal

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.routing import BaseRoute, WebSocketRoute

from drivers.errors import DeviceError
from edge.api import (
    board_slides,
    case_camera,
    pages,
    routes_case,
    routes_citizen,
    routes_clerk,
    routes_copies,
    routes_dossiers,
    routes_guide,
    routes_guides,
    routes_handovers,
    routes_kiosk,
    routes_lead,
    routes_oversight,
    routes_parcels,
    routes_public,
    routes_queue,
    routes_reuse,
    routes_technician,
    routes_theme,
    texts,
)
from edge.api.access import Caller, GuardedRoute, LocalDoor, Reader
from edge.api.cards import CardDesk, CardSessionOver
from edge.api.case_pages import Captures
from edge.api.case_persons import Persons
from edge.api.citizen_desk import CitizenDesk
from edge.api.copy_desk import CopyDesk
from edge.api.guard import Guard, LocalGuard
from edge.api.live import Pace, live
from edge.api.port import HallPort
from edge.api.sessions import BrowserDoor, PinCheck, Sessions, TooManyTries, Tries, WrongPin
from edge.clock import Clock
from edge.journal.errors import DiskFull, FileNotKept, JournalError
from edge.rules.refusal import Refusal

Trust = Literal["browser", "local"]
Table = tuple[tuple[str, str, Callable[..., Any]], ...]
_ROUTES: Final[Table] = (
    ("GET", "/api/health", routes_public.health),
    ("GET", "/api/catalogue", routes_public.catalogue),
    ("GET", "/api/words/{language}/{name}", routes_public.word_list),
    ("GET", "/api/hall", routes_public.hall_now),
    ("GET", "/api/ticket/{uid}", routes_public.ticket),
    ("GET", "/api/theme", routes_theme.sheet),
    ("GET", "/api/technician/theme", routes_theme.report),
    ("GET", "/api/technician/devices", routes_technician.devices),
    ("POST", "/api/technician/isolation", routes_technician.isolation),
)
_BROWSER_ROUTES: Final[Table] = (
    ("POST", "/api/session", routes_clerk.sign_in),
    ("GET", "/api/session", routes_clerk.session),
    ("DELETE", "/api/session", routes_clerk.sign_out),
    ("POST", "/api/technician/session", routes_clerk.technician_sign_in),
    ("POST", "/api/lead/session", routes_lead.sign_in),
    ("GET", "/api/lead/days", routes_lead.days),
    ("GET", "/api/lead/days/{date}", routes_lead.day),
    ("POST", "/api/technician/devices/{device}/identify", routes_technician.identify),
    ("GET", "/api/window/{window}", routes_clerk.window),
    ("GET", "/api/window/{window}/holder", routes_clerk.holder),
    ("POST", "/api/window/{window}/{verb}", routes_clerk.act),
    ("POST", "/api/ticket/{uid}/reprint", routes_clerk.reprint),
    ("POST", "/api/ticket/{uid}/came-out", routes_clerk.came_out),
    ("GET", "/", pages.home),
    ("GET", "/theme/{name}", routes_theme.page_theme),
    ("GET", "/{folder}/", pages.page),
    ("GET", "/{folder}/{name}", pages.page),
)
_CASE_ROUTES: Final[Table] = (
    ("GET", "/api/catalogue/items", routes_case.items),
    ("GET", "/api/catalogue/items/{uid}", routes_case.item),
    ("GET", "/api/catalogue/units", routes_case.units),
    ("POST", "/api/window/{window}/card", routes_case.read_card),
    ("POST", "/api/window/{window}/person", routes_case.type_person),
    ("DELETE", "/api/window/{window}/person", routes_case.forget_person),
    ("GET", "/api/window/{window}/cases", routes_case.waiting_cases),
    ("GET", "/api/window/{window}/case", routes_case.case_now),
    ("POST", "/api/window/{window}/case", routes_case.open_case),
    ("POST", "/api/window/{window}/case/take-up", routes_case.take_up),
    ("GET", "/api/window/{window}/case/applicant", routes_case.applicant),
    ("POST", "/api/window/{window}/case/mark", routes_case.mark),
    ("POST", "/api/window/{window}/case/page", routes_case.add_page),
    ("GET", "/api/window/{window}/case/page/{digest}", routes_case.page_image),
    ("DELETE", "/api/window/{window}/case/page/{digest}", routes_case.drop_page),
    ("POST", "/api/window/{window}/case/receive", routes_case.receive),
    ("POST", "/api/window/{window}/case/notice", routes_case.notice),
    ("POST", "/api/window/{window}/case/precheck", routes_case.precheck),
    ("POST", "/api/window/{window}/case/earlier", routes_reuse.earlier),
    ("POST", "/api/window/{window}/case/reuse", routes_reuse.use),
    ("POST", "/api/window/{window}/case/reuse/decline", routes_reuse.decline),
    ("GET", "/api/window/{window}/case/held/{what}", routes_reuse.value),
    ("POST", "/api/window/{window}/case/refuse", routes_case.refuse),
    ("POST", "/api/window/{window}/case/aside", routes_case.set_aside),
    ("POST", "/api/window/{window}/case/drop", routes_case.drop),
    ("POST", "/api/window/{window}/case/reprint", routes_case.reprint_paper),
    ("POST", "/api/window/{window}/case/came-out", routes_case.paper_came_out),
)
_FLOW_ROUTES: Final[Table] = (
    ("GET", "/api/window/{window}/dossiers", routes_dossiers.listed),
    ("GET", "/api/window/{window}/dossiers/{uid}", routes_dossiers.one),
    ("POST", "/api/window/{window}/dossiers/{uid}/step", routes_dossiers.step),
    ("POST", "/api/window/{window}/dossiers/{uid}/await", routes_dossiers.wait),
    ("POST", "/api/window/{window}/dossiers/{uid}/decide", routes_dossiers.decide),
    ("POST", "/api/window/{window}/dossiers/{uid}/register", routes_dossiers.register),
    ("POST", "/api/window/{window}/dossiers/{uid}/deliver", routes_dossiers.deliver),
    ("POST", "/api/window/{window}/dossiers/{uid}/print", routes_dossiers.print_again),
    ("POST", "/api/window/{window}/dossiers/{uid}/came-out", routes_dossiers.came_out),
    ("GET", "/api/window/{window}/papers", routes_dossiers.papers),
    ("POST", "/api/window/{window}/papers/stock", routes_dossiers.stock),
    ("POST", "/api/window/{window}/papers/use", routes_dossiers.use),
    ("POST", "/api/window/{window}/papers/spoil", routes_dossiers.spoil),
    ("GET", "/api/window/{window}/parcels", routes_parcels.listed),
    ("POST", "/api/window/{window}/parcels", routes_parcels.sign),
    ("POST", "/api/window/{window}/parcels/{uid}/match", routes_parcels.match),
    ("GET", "/api/window/{window}/batches", routes_handovers.listed),
    ("POST", "/api/window/{window}/batches", routes_handovers.seal),
    ("POST", "/api/window/{window}/batches/take-in", routes_handovers.take_in),
    ("GET", "/api/window/{window}/batches/{uid}/sheet", routes_handovers.sheet),
    ("POST", "/api/window/{window}/batches/{uid}/sign", routes_handovers.sign),
    ("POST", "/api/window/{window}/batches/{uid}/settle", routes_handovers.settle),
)
_QUEUE_ROUTES: Final[Table] = (
    ("POST", "/api/window/{window}/resume", routes_queue.resume),
    ("POST", "/api/window/{window}/revive", routes_queue.revive),
    ("POST", "/api/window/{window}/return", routes_queue.give_back),
    ("POST", "/api/window/{window}/transfer", routes_queue.transfer),
    ("POST", "/api/window/{window}/call", routes_queue.call),
    ("POST", "/api/window/{window}/green", routes_queue.green),
    ("POST", "/api/window/{window}/pause", routes_queue.pause),
    ("POST", "/api/window/{window}/guidance/call", routes_queue.call_guidance),
    ("POST", "/api/window/{window}/guidance/end", routes_queue.end_guidance),
    ("POST", "/api/guide/session", routes_guide.sign_in),
    ("GET", "/api/guide", routes_guide.now),
    ("POST", "/api/guide/ticket", routes_guide.take_ticket),
    ("POST", "/api/guide/check-in", routes_guide.check_in),
    ("POST", "/api/guide/green", routes_guide.green),
    ("POST", "/api/guide/revive", routes_guide.revive),
    ("POST", "/api/guide/cancel", routes_guide.cancel),
    ("GET", "/api/guide/items", routes_guides.found_by_guide),
    ("POST", "/api/guide/items/{uid}/print", routes_guides.print_by_guide),
)
_OVERSIGHT_ROUTES: Final[Table] = (
    ("GET", "/api/oversight", routes_oversight.now),
    ("GET", "/api/oversight/assessment/{first}/{last}", routes_oversight.assessment),
    ("GET", "/api/oversight/assessment/{first}/{last}/table", routes_oversight.assessment_table),
    ("GET", "/api/oversight/copies", routes_copies.day),
    ("POST", "/api/oversight/copies", routes_copies.grant),
    ("POST", "/api/oversight/complaint", routes_oversight.register),
    ("POST", "/api/oversight/note", routes_oversight.note),
    ("POST", "/api/oversight/dispute", routes_oversight.settle_dispute),
    ("POST", "/api/oversight/task/{uid}/{step}", routes_oversight.task_step),
    ("POST", "/api/oversight/complaint/{uid}/{step}", routes_oversight.complaint_step),
    ("POST", "/api/window/{window}/complaint", routes_oversight.register_at_window),
    ("GET", "/api/window/{window}/tasks", routes_oversight.own_tasks),
    ("POST", "/api/window/{window}/task/{uid}/{step}", routes_oversight.own_task_step),
)
_LOCAL_ROUTES: Final[Table] = (
    ("POST", "/api/kiosk/{place}/card", routes_kiosk.read_card),
    ("DELETE", "/api/kiosk/{place}/card", routes_kiosk.end_card),
    ("POST", "/api/kiosk/{place}/ticket", routes_kiosk.take_ticket),
    ("POST", "/api/kiosk/{place}/code", routes_kiosk.read_code),
    ("POST", "/api/kiosk/{place}/check-in", routes_kiosk.check_in),
    ("GET", "/api/kiosk/{place}/guides", routes_guides.found),
    ("GET", "/api/kiosk/{place}/guides/{uid}", routes_guides.sheet),
    ("POST", "/api/kiosk/{place}/guides/{uid}/print", routes_guides.print_),
    ("POST", "/api/kiosk/{place}/copies", routes_copies.offer),
    ("DELETE", "/api/kiosk/{place}/copies", routes_copies.forget),
    ("GET", "/api/kiosk/{place}/copies/papers/{uid}", routes_copies.papers),
    ("POST", "/api/kiosk/{place}/copies/page", routes_copies.take),
    ("POST", "/api/kiosk/{place}/copies/print", routes_copies.print_),
    ("GET", "/api/board/slides", board_slides.slides),
    ("POST", "/api/kiosk/{place}/look-up", routes_citizen.look_up),
    ("POST", "/api/kiosk/{place}/rating", routes_citizen.rating),
    ("POST", "/api/kiosk/{place}/rate", routes_citizen.rate),
    ("POST", "/api/kiosk/{place}/complain", routes_citizen.complain),
)
log = structlog.get_logger("api")


def create_app(
    hall: HallPort,
    *,
    trust: Trust,
    clock: Clock,
    random_bytes: Callable[[int], bytes] = os.urandom,
    scheme: Literal["http", "https"] = "http",
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> FastAPI:
    """`browser`: the TCP listener with guard, PIN sessions and pages. `local`: the unix socket of kiosks and boards.

    A route of the other kind does not exist on a listener; a route without roles cannot be built (TypeError).
    """
    app = FastAPI(title="Hall Edge", version=hall.version, openapi_url=None, docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False
    app.router.route_class = GuardedRoute
    app.state.hall = hall
    app.state.pace = pace
    app.state.random_bytes = random_bytes
    if trust == "browser":
        _browser(app, hall, clock, random_bytes, scheme)
    else:
        _local(app, hall, clock, random_bytes)
    app.router.routes.append(WebSocketRoute("/api/live", live))
    _errors(app)
    return app


def _browser(app: FastAPI, hall: HallPort, clock: Clock, random_bytes: Callable[[int], bytes], scheme: str) -> None:
    sessions = Sessions(clock, random_bytes)
    app.state.sessions = sessions
    app.state.pins = PinCheck(hall.verify_pin, Tries(clock))
    app.state.door = BrowserDoor(sessions, lambda: hall.state, hall.renew_lease)
    app.state.persons = Persons(hall, random_bytes)
    app.state.captures = Captures(hall)
    app.state.previews = case_camera.Previews()
    app.state.opened = {}  # window -> id of the request that opened its last case
    # In this order: `{verb}` of a window fits nearly all.
    for table in (_ROUTES, _CASE_ROUTES, _FLOW_ROUTES, _QUEUE_ROUTES, _OVERSIGHT_ROUTES, _BROWSER_ROUTES):
        app.router.routes.extend(_made(table))
    app.router.routes.append(WebSocketRoute("/api/window/{window}/camera", case_camera.camera_line))
    app.add_middleware(Guard, names=hall.site.api.names, scheme=scheme)


def _local(app: FastAPI, hall: HallPort, clock: Clock, random_bytes: Callable[[int], bytes]) -> None:
    app.state.cards = CardDesk(hall, random_bytes)
    app.state.citizens = CitizenDesk(hall, clock)
    app.state.copies = CopyDesk(hall)
    app.state.door = LocalDoor(hall.site)
    for table in (_ROUTES, _LOCAL_ROUTES):
        app.router.routes.extend(_made(table))
    app.add_middleware(LocalGuard)


@cache
def _made(table: Table) -> tuple[BaseRoute, ...]:
    """Once a process: to read the forms of a route takes milliseconds, and it knows no hall but its request's."""
    router = APIRouter(route_class=GuardedRoute)
    for method, path, endpoint in table:
        router.add_api_route(path, endpoint, methods=[method])
    return tuple(router.routes)


# --- errors as words -----------------------------------------------------------------------------


def _errors(app: FastAPI) -> None:
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(WrongPin, _wrong_pin)
    app.add_exception_handler(TooManyTries, _too_many)
    app.add_exception_handler(DeviceError, _device)
    app.add_exception_handler(CardSessionOver, _card_over)
    app.add_exception_handler(JournalError, _journal)
    app.add_exception_handler(DiskFull, _no_room)
    app.add_exception_handler(FileNotKept, _no_room)
    app.add_exception_handler(RequestValidationError, _form)
    app.add_exception_handler(Exception, _mistake)


def _asker(request: Request) -> tuple[Reader, str]:
    hall: HallPort = request.app.state.hall
    caller: Caller = getattr(request.state, "caller", Caller("visitor"))
    return caller.reader, getattr(request.state, "language", hall.site.language)


def _no(request: Request, status: int, refusal: Refusal, **headers: str) -> JSONResponse:
    hall: HallPort = request.app.state.hall
    body = texts.refused(refusal, hall.site, *_asker(request), hall.catalogue)
    return JSONResponse(body.model_dump(), status, headers)


def _down(request: Request, code: str, *, retry: bool) -> JSONResponse:
    body = texts.trouble(code, *_asker(request), retry=retry)
    return JSONResponse(body.model_dump(), 503)


async def _refused(request: Request, error: Any) -> JSONResponse:
    return _no(request, 409, error)


async def _wrong_pin(request: Request, error: Any) -> JSONResponse:
    return _no(request, 401, Refusal("wrong_pin", who_can="clerk"))


async def _too_many(request: Request, error: Any) -> JSONResponse:
    refusal = Refusal("too_many_tries", who_can="clerk", seconds=error.seconds)
    return _no(request, 429, refusal, **{"Retry-After": str(error.seconds)})


async def _device(request: Request, error: Any) -> JSONResponse:
    return _down(request, error.code, retry=error.retry)


async def _card_over(request: Request, error: Any) -> JSONResponse:
    return _down(request, "card_session_over", retry=False)


async def _no_room(request: Request, error: Any) -> JSONResponse:
    """A page could not be kept; records, numbers and calls go on."""
    return _down(request, error.code, retry=False)


async def _journal(request: Request, error: Any) -> JSONResponse:
    log.error("journal_failed", path=request.url.path, error=type(error).__name__)
    return _down(request, "journal", retry=True)


async def _form(request: Request, error: Any) -> JSONResponse:
    """Where and what, never what was sent: a PIN or a name must not come back."""
    places = [{"loc": fault["loc"], "type": fault["type"]} for fault in error.errors()]
    return JSONResponse({"detail": places}, 422)


async def _mistake(request: Request, error: Exception) -> JSONResponse:
    """A mistake of ours: the asker still gets words."""
    answer = _down(request, "hall_fault", retry=True)
    answer.headers["Cache-Control"] = "no-store"
    return answer
