"""Who is signed in at which browser. In memory only: after a restart everybody enters the PIN again."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final, Protocol

from starlette.requests import HTTPConnection
from starlette.responses import Response

from edge.api.access import Caller, Role
from edge.clock import Clock
from edge.rules.refusal import Refusal
from edge.rules.state import State

SESSION_COOKIE: Final = "hall_session"
BROWSER_COOKIE: Final = "hall_browser"
SESSION_MS: Final = 12 * 3600 * 1000
_FREE_TRIES: Final = 4
_LONGEST_WAIT: Final = 300.0
_YEAR: Final = 365 * 24 * 3600


class PinHolder(Protocol):
    """A clerk or technician of the site file."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def pin(self) -> str: ...


class WrongPin(Exception):
    """Nobody who may sign in there has this PIN."""


class TooManyTries(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class SignedIn:
    role: Role
    window: str
    person: str
    name: str
    until_ms: int


class Sessions:
    """Token -> who. A clerk's session holds only as long as the hall's records have that clerk at that window."""

    def __init__(self, clock: Clock, random_bytes: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._random_bytes = random_bytes
        self._sessions: dict[str, SignedIn] = {}
        self._known_browsers: set[str] = set()

    def start(self, role: Role, window: str, person: PinHolder) -> str:
        """A new token; an older session of the same window (or technician) ends."""
        self._sessions = {
            token: old
            for token, old in self._sessions.items()
            if old.until_ms > self._clock.up_ms()
            and (old.role, old.window or old.person) != (role, window or person.id)
        }
        token = self._random_bytes(32).hex()
        until = self._clock.up_ms() + SESSION_MS
        self._sessions[_digest(token)] = SignedIn(role, window, person.id, person.name, until)
        return token

    def find(self, connection: HTTPConnection, state: State) -> SignedIn | None:
        found = self._sessions.get(_digest(_cookie(connection, SESSION_COOKIE)))
        if found is None or found.until_ms <= self._clock.up_ms():
            return None
        if found.role == "clerk" and not _sits(state, found):
            return None
        return found

    def end(self, connection: HTTPConnection) -> None:
        self._sessions.pop(_digest(_cookie(connection, SESSION_COOKIE)), None)

    def browser(self, connection: HTTPConnection) -> str:
        """Digest of a browser at which somebody once signed in, '' for an unknown one."""
        known = _digest(_cookie(connection, BROWSER_COOKIE))
        return known if known in self._known_browsers else ""

    def set_cookies(self, response: Response, token: str, *, secure: bool) -> None:
        """Both cookies are out of reach of scripts and of other sites' pages."""
        browser = self._random_bytes(16).hex()
        self._known_browsers.add(_digest(browser))
        for name, value, age in ((SESSION_COOKIE, token, None), (BROWSER_COOKIE, browser, _YEAR)):
            response.set_cookie(name, value, max_age=age, path="/", httponly=True, samesite="strict", secure=secure)


class BrowserDoor:
    """TCP: whoever has no session is a visitor. A clerk who asks, or whose live line is up, keeps the seat: `renew`."""

    def __init__(self, sessions: Sessions, state: Callable[[], State], renew: Callable[[str, str], None]) -> None:
        self._sessions = sessions
        self._state = state
        self._renew = renew

    def caller(self, connection: HTTPConnection) -> Caller:
        found = self._sessions.find(connection, self._state())
        if found is not None and found.role == "clerk":
            self._renew(found.window, found.person)
        return Caller(found.role, found.window, found.person) if found else Caller("visitor")


class Tries:
    """Slows guessing at one window down without shutting anybody else out.

    Wrong tries count for (window, browser): a browser that once signed in has its own count, so strangers at the
    network cannot make the clerk at the window wait, and other windows never notice.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: dict[tuple[str, str], int] = {}
        self._open_at: dict[tuple[str, str], int] = {}

    def begin(self, key: tuple[str, str]) -> None:
        """Counts the try before its PIN is checked, so that tries in parallel gain nothing. Raises TooManyTries."""
        now = self._clock.up_ms()
        wait = self._open_at.get(key, 0) - now
        if wait > 0:
            raise TooManyTries(-(-wait // 1000))
        wrong = self._wrong[key] = self._wrong.get(key, 0) + 1
        if wrong > _FREE_TRIES:
            seconds = min(_LONGEST_WAIT, 5.0 * 2 ** (wrong - _FREE_TRIES - 1))
            self._open_at[key] = now + round(seconds * 1000)

    def right(self, key: tuple[str, str]) -> None:
        self._wrong.pop(key, None)
        self._open_at.pop(key, None)


class PinCheck:
    """One check at a time, in a thread: hashing PINs must not take the hall's processor."""

    def __init__(self, verify: Callable[[str, str], bool], tries: Tries) -> None:
        self._verify = verify
        self._tries = tries
        self._one = asyncio.Lock()

    async def who(self, people: Sequence[PinHolder], pin: str, key: tuple[str, str]) -> PinHolder:
        """The one person with this PIN. Raises WrongPin, TooManyTries, Refusal (two people share it)."""
        self._tries.begin(key)
        async with self._one:
            matches = await asyncio.to_thread(self._matching, tuple(people), pin)
        if not matches:
            raise WrongPin
        self._tries.right(key)
        if len(matches) > 1:
            raise Refusal("pin_shared", who_can="technician")
        return matches[0]

    def _matching(self, people: Sequence[PinHolder], pin: str) -> list[PinHolder]:
        return [person for person in people if self._verify(person.pin, pin)]


def _sits(state: State, session: SignedIn) -> bool:
    seat = state.windows.get(session.window)
    return seat is not None and seat.clerk == session.person


def _cookie(connection: HTTPConnection, name: str) -> str:
    try:
        jar = SimpleCookie(connection.headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def _digest(token: str) -> str:
    """Tokens are looked up by digest, so a comparison tells nothing about the secret by its timing."""
    return hashlib.sha256(token.encode()).hexdigest() if token else ""
