"""The wire over MQTT: the only file that knows paho-mqtt.

paho runs without a thread of its own: asyncio watches its socket, so its callbacks run here, and one that raises ends
this connection (`WireLost`) and is reported by the event loop. Every connection is a fresh client with a clean start:
what has to be sent again is decided by those who know what the centre committed, never by paho.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from sync.broker_url import BadBrokerUrl, BrokerAddress, Tls
from sync.wire import Letter, WireLost

KEEP_ALIVE_S: Final = 20
HANDSHAKE_S: Final = 15.0
POLITE_S: Final = 1.0
_HOUSEKEEPING_S: Final = 2.0  # a ping, and its missing answer, are noticed as late: within 44 s of the last letter
_BAD_VERSION: Final = "Unsupported protocol version"

# OpenSSL, x509_vfy.h: not yet valid, expired, name or address of another; anything else is an unknown authority.
_BROKERS_FAULT: Final = {9: "broker_expired", 10: "broker_expired", 62: "broker_name", 64: "broker_name"}
_ALERTS: Final = {  # RFC 8446 section 6.2, as OpenSSL writes them
    "CERTIFICATE_EXPIRED": "own_expired",
    "CERTIFICATE_REVOKED": "own_revoked",
    "UNKNOWN_CA": "own_unknown",
    "DECRYPT_ERROR": "own_unknown",  # another authority of the same name
    "BAD_CERTIFICATE": "own_unknown",
    "CERTIFICATE_UNKNOWN": "own_unknown",
    "CERTIFICATE_REQUIRED": "own_unknown",
}

Version = Literal["5", "3.1.1"]


class MqttDial:
    """Connects to one broker under one client id, with MQTT 5 or, where a broker hangs up on that, with 3.1.1.

    Raises BadBrokerUrl; `mqtts://` needs `tls`, since no authority of the system is believed.
    """

    def __init__(self, url: str, client_id: str, tls: Tls | None = None) -> None:
        self._address = BrokerAddress.read(url)
        if self._address.encrypted and tls is None:
            raise BadBrokerUrl("mqtts:// needs the centre's authority: enrol the site")
        self._client_id = client_id
        self._tls = tls
        self._version: Version = "5"

    async def __call__(self, *, subscriptions: Sequence[tuple[str, int]], will: Letter | None) -> "MqttWire":
        try:
            return await self._try(subscriptions, will)
        except WireLost as error:
            if error.code not in ("closed", "version"):
                raise
        self._version = "3.1.1" if self._version == "5" else "5"
        return await self._try(subscriptions, will)

    async def _try(self, subscriptions: Sequence[tuple[str, int]], will: Letter | None) -> "MqttWire":
        wire = MqttWire(self._client(will))
        try:
            async with asyncio.timeout(HANDSHAKE_S):
                await wire.open(self._address.host, self._address.port, subscriptions)
        except TimeoutError:
            raise WireLost("timeout", "the broker does not answer") from None
        finally:
            if not wire.ready:
                await wire.close()
        return wire

    def _client(self, will: Letter | None) -> paho.Client:
        fifth = self._version == "5"
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=paho.MQTTv5 if fifth else paho.MQTTv311,
            clean_session=None if fifth else True,
            reconnect_on_failure=False,
        )
        client.max_inflight_messages_set(0)
        client.connect_timeout = HANDSHAKE_S
        if self._address.username is not None:
            client.username_pw_set(self._address.username, self._address.password)
        if self._address.encrypted and self._tls is not None:
            client.tls_set_context(_usable(self._tls))
        if will is not None:
            client.will_set(will.topic, will.payload, will.qos, will.retain)
        return client


class MqttWire:
    """One connection, from CONNECT to its end."""

    def __init__(self, client: paho.Client) -> None:
        self.ready = False
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._arrived: asyncio.Queue[Letter | None] = asyncio.Queue()
        self._accepted: asyncio.Future[None] = self._loop.create_future()
        self._granted: dict[int, asyncio.Future[None]] = {}
        self._flushed = asyncio.Event()
        self._taken: dict[int, Callable[[], None]] = {}
        self._judged: dict[int, asyncio.Future[str]] = {}
        self._why: WireLost | None = None
        self._socket: socket.socket | None = None
        self._housekeeping: asyncio.Task[None] | None = None
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect
        client.on_log = self._on_log
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_register_write
        client.on_socket_unregister_write = self._on_unregister_write

    async def open(self, host: str, port: int, subscriptions: Sequence[tuple[str, int]]) -> None:
        """Connected, accepted and subscribed. `subscriptions`: topic and QoS.

        Raises WireLost: a code (`unreachable`, or which side's certificate was wrong) and what the library said.
        """
        fifth = self._client.protocol == paho.MQTTv5
        self._client.connect_async(
            host, port, KEEP_ALIVE_S, clean_start=True if fifth else paho.MQTT_CLEAN_START_FIRST_ONLY
        )
        try:
            await asyncio.to_thread(self._client.reconnect)
        except ssl.SSLCertVerificationError as error:
            raise WireLost(_BROKERS_FAULT.get(error.verify_code, "broker_unknown"), error.verify_message) from error
        except ssl.SSLError as error:
            raise WireLost(_own_fault(str(error)) or "unreachable", error.reason) from error
        except OSError as error:
            raise WireLost("unreachable", type(error).__name__) from error
        self._housekeeping = asyncio.create_task(self._keep_house())
        await self._accepted
        await self.listen(subscriptions, ())
        self.ready = True

    def send(self, letter: Letter, taken: Callable[[], None] | None = None) -> None:
        if self._why is not None:
            raise self._why
        sent = self._client.publish(letter.topic, letter.payload, letter.qos, letter.retain)
        if taken is not None:
            self._taken[sent.mid] = taken

    async def put(self, letter: Letter) -> str:
        """Send at QoS 1 and wait for the broker's word: '' taken, else why not. Raises WireLost.

        Only MQTT 5 has words for a refusal: a broker may also take what it then drops.
        """
        if self._why is not None:
            raise self._why
        judged: asyncio.Future[str] = self._loop.create_future()
        sent = self._client.publish(letter.topic, letter.payload, 1, letter.retain)
        self._judged[sent.mid] = judged
        return await judged

    @property
    def speaks_of_refusals(self) -> bool:
        """MQTT 5."""
        return self._client.protocol == paho.MQTTv5

    @property
    def encryption(self) -> str:
        """As `ssl` names it ("TLSv1.3"); '' in the clear."""
        return (self._socket.version() or "") if isinstance(self._socket, ssl.SSLSocket) else ""

    async def receive(self) -> Letter:
        if self._why is not None and self._arrived.empty():
            raise self._why
        letter = await self._arrived.get()
        if letter is None:
            raise self._why or WireLost("closed")
        return letter

    def waiting(self) -> list[Letter]:
        found = []
        while not self._arrived.empty():
            letter = self._arrived.get_nowait()
            if letter is None:
                self._arrived.put_nowait(None)
                break
            found.append(letter)
        return found

    async def listen(self, wanted: Sequence[tuple[str, int]], unwanted: Sequence[str]) -> None:
        if self._why is not None:
            raise self._why
        if unwanted:
            self._client.unsubscribe(list(unwanted))
        if wanted:
            _, mid = self._client.subscribe(list(wanted))
            granted = self._loop.create_future()
            if mid is None:
                raise WireLost("closed")
            self._granted[mid] = granted
            await granted

    async def close(self, last: Letter | None = None) -> None:
        if self.ready and self._why is None:
            if last is not None:
                self._client.publish(last.topic, last.payload, last.qos, last.retain)
            self._client.disconnect()
            try:
                async with asyncio.timeout(POLITE_S):
                    await self._flushed.wait()
            except TimeoutError:
                pass
        self._lose(WireLost("closed"))
        if self._housekeeping is not None:
            self._housekeeping.cancel()
        if self._socket is not None:
            self._forget(self._socket)

    # paho's callbacks ------------------------------------------------------------------------------------------------

    def _on_connect(self, _c: Any, _u: Any, _f: Any, reason: ReasonCode, _p: Properties | None) -> None:
        if not reason.is_failure:
            self._client.on_log = None  # our certificate was good; paho would word every packet for nobody
            _settle(self._accepted)
        else:
            self._lose(WireLost("version" if str(reason) == _BAD_VERSION else "refused", str(reason)))

    def _on_subscribe(self, _c: Any, _u: Any, mid: int, reasons: list[ReasonCode], _p: Properties | None) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            self._lose(WireLost("not_granted", refused[0]))
        else:
            _settle(self._granted.pop(mid, self._loop.create_future()))

    def _on_message(self, _c: Any, _u: Any, message: paho.MQTTMessage) -> None:
        self._arrived.put_nowait(Letter(message.topic, bytes(message.payload), message.qos, message.retain))

    def _on_publish(self, _c: Any, _u: Any, mid: int, reason: ReasonCode, _p: Properties | None) -> None:
        judged = self._judged.pop(mid, None)
        if judged is not None and not judged.done():
            judged.set_result(str(reason) if reason.is_failure else "")
        taken = self._taken.pop(mid, None)
        if taken is not None:
            taken()

    def _on_log(self, _c: Any, _u: Any, level: int, text: str) -> None:
        """TLS 1.3 tells a client after its handshake that its certificate is no good; paho only writes it down."""
        if level in (paho.MQTT_LOG_ERR, paho.MQTT_LOG_WARNING) and (fault := _own_fault(text)):
            self._lose(WireLost(fault))

    def _on_disconnect(self, _c: Any, _u: Any, _f: Any, reason: ReasonCode, _p: Properties | None) -> None:
        self._lose(WireLost("closed", str(reason)))

    def _on_socket_open(self, _c: Any, _u: Any, sock: Any) -> None:
        # Small answers must not wait for the ACK of what went before them: 40 ms each where the peer delays ACKs.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._loop.call_soon_threadsafe(self._watch, sock)  # connect() runs in a thread

    def _on_socket_close(self, _c: Any, _u: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)
        self._flushed.set()

    def _on_register_write(self, _c: Any, _u: Any, sock: Any) -> None:
        self._loop.call_soon_threadsafe(self._watch_writable, sock)

    def _on_unregister_write(self, _c: Any, _u: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._loop.remove_writer(sock)

    # the socket ------------------------------------------------------------------------------------------------------

    def _watch(self, sock: socket.socket) -> None:
        self._socket = sock
        if self._why is not None:  # given up while the thread was still connecting
            self._forget(sock)
        else:
            self._loop.add_reader(sock, self._readable, sock)

    def _watch_writable(self, sock: socket.socket) -> None:
        if self._why is None and sock.fileno() >= 0 and self._client.want_write():
            self._loop.add_writer(sock, self._writable)

    def _readable(self, sock: socket.socket) -> None:
        sound = False
        try:
            outcome = self._client.loop_read()
            while isinstance(sock, ssl.SSLSocket) and sock.fileno() >= 0 and sock.pending():
                outcome = self._client.loop_read()
            sound = outcome == MQTTErrorCode.MQTT_ERR_SUCCESS
        finally:
            if not sound:
                self._lose(WireLost("closed"))

    def _writable(self) -> None:
        sound = False
        try:
            sound = self._client.loop_write() == MQTTErrorCode.MQTT_ERR_SUCCESS
        finally:
            if not sound:
                self._lose(WireLost("closed"))

    async def _keep_house(self) -> None:
        """Pings, and the end of a connection whose pings stay unanswered."""
        while self._client.loop_misc() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            await asyncio.sleep(_HOUSEKEEPING_S)
        self._lose(WireLost("closed"))

    def _lose(self, why: WireLost) -> None:
        if self._why is not None:
            return
        self._why = why
        self._arrived.put_nowait(None)
        asked: list[asyncio.Future[Any]] = [self._accepted, *self._granted.values(), *self._judged.values()]
        for waiting in asked:
            if not waiting.done():
                waiting.set_exception(why)
                waiting.exception()  # nobody may be waiting for it
        if self._socket is not None:  # not now: paho may be in the middle of closing it
            self._loop.call_soon(self._forget, self._socket)

    def _forget(self, sock: socket.socket) -> None:
        if sock.fileno() >= 0:
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)
            sock.close()
        self._flushed.set()


def _settle(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _usable(tls: Tls) -> ssl.SSLContext:
    try:
        return tls.context()
    except (OSError, ValueError) as error:
        raise WireLost("own_unusable", type(error).__name__) from error


def _own_fault(text: str) -> str | None:
    """What a TLS alert of the broker says of our certificate; None for any other text."""
    return next((code for name, code in _ALERTS.items() if f"ALERT_{name}" in text), None)
