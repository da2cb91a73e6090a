"""Who is asking, and what a route lets him do. A route that names no roles cannot be built: everything is denied."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, TypeVar

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from config.words import LANGUAGES
from edge.site import Site

Role = Literal["visitor", "clerk", "guide", "technician", "lead", "kiosk", "board"]
Reader = Literal["citizen", "clerk", "technician"]
PLACE_HEADER: Final = "x-hall-place"
BOARD: Final = "board"
TECHNICIAN: Final = "technician"

_READERS: Final[dict[Role, Reader]] = {
    "visitor": "clerk",
    "clerk": "clerk",
    "guide": "clerk",
    "technician": "technician",
    "lead": "clerk",
    "kiosk": "citizen",
    "board": "citizen",
}
_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Caller:
    """`place`: window of a clerk, id of a kiosk, else ''. `clerk`: code of the signed-in person, else ''."""

    role: Role
    place: str = ""
    clerk: str = ""

    @property
    def actor(self) -> str:
        return f"{self.role}:{self.clerk or self.place or self.role}"

    @property
    def reader(self) -> Reader:
        """Whose words a text is in: a visitor of the pages is staff that has not signed in yet."""
        return _READERS[self.role]


class Door(Protocol):
    """Tells who a connection is. Raises HTTPException when it claims to be somebody who does not exist."""

    def caller(self, connection: HTTPConnection) -> Caller: ...


class LocalDoor:
    """Unix socket: the file's mode says who may connect, the header says which place it is."""

    def __init__(self, site: Site) -> None:
        self._kiosks = frozenset(kiosk.id for kiosk in site.kiosks)

    def caller(self, connection: HTTPConnection) -> Caller:
        named = connection.headers.getlist(PLACE_HEADER)
        if len(named) != 1:
            raise HTTPException(401, "exactly one X-Hall-Place is needed")
        place = named[0]
        if place in self._kiosks:
            return Caller("kiosk", place)
        if place == BOARD:
            return Caller("board")
        if place == TECHNICIAN:
            return Caller("technician")
        raise HTTPException(403, "no such place")


def allow(*roles: Role) -> Callable[[_F], _F]:
    """Name the roles that may use an endpoint."""

    def mark(endpoint: _F) -> _F:
        endpoint.allowed = frozenset(roles)  # type: ignore[attr-defined]
        return endpoint

    return mark


def allowed(endpoint: Callable[..., Any]) -> frozenset[Role]:
    """Raises TypeError for an endpoint that names nobody."""
    roles: frozenset[Role] | None = getattr(endpoint, "allowed", None)
    if not roles:
        raise TypeError(f"{endpoint.__module__}.{endpoint.__name__} names no roles")
    return roles


def admit(connection: HTTPConnection, roles: frozenset[Role]) -> Caller:
    """Raises HTTPException: 401 nobody, 403 somebody else."""
    door: Door = connection.app.state.door
    caller = door.caller(connection)
    if caller.role not in roles:
        raise HTTPException(401 if caller.role == "visitor" else 403, "this role may not use this route")
    connection.state.caller = caller
    connection.state.language = language_of(connection.headers, connection.app.state.hall.site.language)
    return caller


class GuardedRoute(APIRoute):
    """Checks the role before the body is even parsed."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **rest: Any) -> None:
        self.roles = allowed(endpoint)
        super().__init__(path, endpoint, **rest)

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle: Callable[[Request], Awaitable[Response]] = super().get_route_handler()
        roles = self.roles

        async def guarded(request: Request) -> Response:
            admit(request, roles)
            return await handle(request)

        return guarded


def caller_of(request: Request) -> Caller:
    """The caller whom the route let in (a dependency)."""
    found: Caller = request.state.caller
    return found


def language_of(headers: Headers, default: str) -> str:
    """First of our languages in Accept-Language; order counts, weights do not."""
    for wanted in headers.get("accept-language", "").split(","):
        found = language(wanted.split(";")[0].strip())
        if found:
            return found
    return default


def language(tag: str) -> str:
    """`zh-TW` -> `zh-Hant`; '' for one we do not have."""
    low = tag.lower()
    if low.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")):
        return "zh-Hant"
    if low == "zh" or low.startswith("zh-"):
        return "zh-Hans"
    return next((ours for ours in LANGUAGES if low.split("-")[0] == ours), "")
