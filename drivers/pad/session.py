"""One connection of a tablet pad, from its first message to its end."""

import asyncio
import hmac
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from drivers.errors import Garbled, Gone, Late
from drivers.links import WireTap
from drivers.pad import messages
from drivers.pad.messages import Answer, Request

REPLACED, NO_LOGIN, TOO_MANY_MISTAKES = 4000, 4001, 4002
_MOST_MISTAKES = 5


class Place(Protocol):
    """A window, as the session sees it."""

    window: str
    name: str
    token: str

    async def entered(self, session: "Session") -> None: ...

    def left(self, session: "Session") -> None: ...

    def submitted(self, rate_id: str, level: int) -> str: ...


class Session:
    """`places` are looked up anew at each Login: stations come and go while pads stay connected."""

    def __init__(
        self,
        connection: ServerConnection,
        places: Callable[[], list[Place]],
        tap: WireTap,
        note: Callable[..., None],
    ) -> None:
        self._connection, self._places, self._tap, self._note = connection, places, tap, note
        self._place: Place | None = None
        self._pushed: deque[asyncio.Future[Answer]] = deque()
        self._mistakes = 0

    @property
    def logged_in(self) -> bool:
        return self._place is not None

    async def run(self, login_seconds: float) -> None:
        """Until the pad goes; one that does not log in in time is sent away."""
        try:
            async with asyncio.timeout(login_seconds) as patience:
                async for text in self._connection:
                    await self._take(text)
                    if self._place is not None:
                        patience.reschedule(None)
        except TimeoutError:
            await self._connection.close(NO_LOGIN, "Login")
        except (ConnectionClosed, Gone):
            return
        finally:
            if self._place is not None:
                self._place.left(self)
            for answer in self._pushed:
                answer.cancel()

    async def push(self, method: str, **param: Any) -> asyncio.Future[Answer]:
        """Sent when this returns; the future becomes the pad's answer, or is cancelled with the connection.

        Raises Gone.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._pushed.append(answer)
        try:
            await self._send(messages.request(method, **param))
        except ConnectionClosed as closed:
            self._pushed.remove(answer)
            raise Gone("the pad has gone") from closed
        return answer

    async def ask(self, seconds: float, method: str, **param: Any) -> Answer:
        """Raises Late when no answer comes, Gone when the pad goes."""
        answer = await self.push(method, **param)
        done, _ = await asyncio.wait([answer], timeout=seconds)
        if not done:
            if answer in self._pushed:
                self._pushed.remove(answer)
            raise Late(f"no answer to {method}")
        if answer.cancelled():
            raise Gone("the pad has gone")
        return answer.result()

    async def replace(self) -> None:
        """Another pad has logged in here: this connection is dead or a double."""
        self._place = None
        await self._connection.close(REPLACED, "replaced")

    # --- what the pad says ----------------------------------------------------------------------------------------

    async def _take(self, text: str | bytes) -> None:
        try:
            message = messages.parse(text)
        except Garbled as garbled:
            self._record("in", text, private=True)
            self._note("pad.garbled", detail=garbled.detail)
            await self._mistaken("not understood")
            return
        # A Login whose method is misspelt or spoilt brings its token all the same.
        known = not isinstance(message, Request) or message.method in messages.WITHOUT_TOKEN
        self._record("in", text, private=not known)
        if isinstance(message, Answer):
            self._settle(message)
        else:
            await self._serve(message)

    def _settle(self, answer: Answer) -> None:
        """Answers name nothing: they come in the order of the questions."""
        if self._pushed:
            question = self._pushed.popleft()
            if not question.done():
                question.set_result(answer)

    async def _serve(self, request: Request) -> None:
        match request.method:
            case messages.GET_WINDOWS:
                await self._answer([_window(place) for place in self._places()])
            case messages.LOGIN:
                await self._login(request.param)
            case messages.HEART_BEAT:
                await self._answer("ok")
            case messages.SUBMIT if self._place is None:
                await self._mistaken("Login first")
            case messages.SUBMIT:
                await self._submit(request.param)
            case _:
                await self._mistaken("unknown method")

    async def _login(self, param: dict[str, Any]) -> None:
        wanted = messages.word(param.get("WindowNumber"))
        place = next((place for place in self._places() if place.window == wanted), None)
        if place is None or not self._knows(place, param):
            self._note("pad.login_refused", window=ascii(wanted[:32]))
            await self._mistaken("no such window, or wrong token")
            return
        if self._place is not None and self._place is not place:
            self._place.left(self)
        self._place = place
        await self._answer("ok")
        await place.entered(self)

    def _knows(self, place: Place, param: dict[str, Any]) -> bool:
        """The token comes with Login, with the address that was dialled, or in its header."""
        request = self._connection.request
        given = [messages.word(param.get("Token"))]
        if request is not None:
            given += parse_qs(urlsplit(request.path).query).get("token", [])
            given += [value.removeprefix("Bearer ") for value in request.headers.get_all("Authorization")]
        return any(hmac.compare_digest(_bytes(token), _bytes(place.token)) for token in given)

    async def _submit(self, param: dict[str, Any]) -> None:
        rate_id, level = messages.word(param.get("RateID")), messages.level_of(param)
        if not rate_id or level is None:
            self._note("pad.no_level", window=self._place.window if self._place else "")
            await self._mistaken("RateID, and Level or Content that agree")
            return
        assert self._place is not None
        await self._answer(self._place.submitted(rate_id, level))

    # --- what we say ----------------------------------------------------------------------------------------------

    async def _answer(self, result: Any) -> None:
        await self._send(messages.answer(result))

    async def _mistaken(self, why: str) -> None:
        self._mistakes += 1
        await self._send(messages.answer(why, messages.REFUSED))
        if self._mistakes >= _MOST_MISTAKES:
            await self._connection.close(TOO_MANY_MISTAKES, "mistakes")

    async def _send(self, text: str) -> None:
        self._record("out", text)
        await self._connection.send(text)

    def _record(self, direction: Any, text: str | bytes, private: bool = False) -> None:
        self._tap.private = private
        self._tap.record(direction, text.encode() if isinstance(text, str) else text)
        self._tap.private = False


def _bytes(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")


def _window(place: Place) -> dict[str, Any]:
    """Who works there is not the pad's business: the window stands for its clerk."""
    user = {"UserNumber": place.window, "UserName": place.name}
    return {"WindowNumber": place.window, "WindowName": place.name, "UserList": [user]}
