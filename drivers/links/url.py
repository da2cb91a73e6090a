"""From the URL in the configuration to a link."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from serialx import Parity, StopBits

from drivers.contract import Context, Link
from drivers.errors import BadConfig
from drivers.links.evdev import input_at
from drivers.links.folder import FolderLink
from drivers.links.http import HttpLink
from drivers.links.pcsc import pcsc
from drivers.links.replay import ReplayLink
from drivers.links.serial import SerialLink
from drivers.links.serial_at import Expected, SerialAtLink
from drivers.links.tcp import TcpLink

Factory = Callable[[str, Context], Link]
Value = TypeVar("Value")

_PARITIES = {"none": Parity.NONE, "even": Parity.EVEN, "odd": Parity.ODD}
_STOP_BITS = {"1": StopBits.ONE, "2": StopBits.TWO}


def make_link(url: str, ctx: Context) -> Link:
    """A closed link. Raises BadConfig for an unknown scheme, option or value.

    `serial:///dev/ttyS0?baud=9600[&parity=none|even|odd][&stop=1|2]` (a path without a leading slash is under
    ctx.runtime), `serial-at:SOCKET?baud=9600[&parity=…][&stop=…][&id=1a86:7523][&serial=number]` (a socket as
    /dev/serial/by-path names it, see drivers.links.machine), `tcp://host:port[?timeout=3]` seconds to connect,
    `http://host[:80]/path?query`, `file:folder`, `replay:file` (a capture, under ctx.runtime when without a leading
    slash), `usb-at:SOCKET?id=vid:pid[&in=81,85&out=02,06]`, `usbip://host:port/BUSID[?id=…]`, `input-at:SOCKET`,
    `pcsc:READER[?slot=0]`, and what `register` added.
    """
    factory = _factories.get(url.partition(":")[0])
    if factory is None:
        raise BadConfig(f"no such kind of link: {url.partition(':')[0]!r}")
    return factory(url, ctx)


def kind_of(scheme: str) -> str:
    """What drivers call links of this scheme in their `info.links`: a serial port is one however it is found."""
    return "serial" if scheme == "serial-at" else scheme


def register(scheme: str, factory: Factory) -> None:
    """Add a scheme. Raises ValueError when it is taken."""
    if scheme in _factories:
        raise ValueError(f"link scheme {scheme!r} is taken")
    _factories[scheme] = factory


_LINE = {"baud": "9600", "parity": "none", "stop": "1"}


def _serial(url: str, ctx: Context) -> Link:
    parts = urlsplit(url)
    options = _options(url, _LINE)
    if parts.netloc or not parts.path:
        raise BadConfig(f"{_name(url)}: write serial:///dev/name or serial:folder/name")
    return SerialLink(
        _name(url),
        ctx,
        str(Path(ctx.runtime) / parts.path),
        *_line(options),
    )


def _serial_at(url: str, ctx: Context) -> Link:
    parts = urlsplit(url)
    options = _options(url, _LINE | {"id": "", "serial": ""})
    if parts.netloc or not parts.path or "/" in parts.path:
        raise BadConfig(f"{_name(url)}: write serial-at:SOCKET, as `hallctl discover` prints it")
    expected = Expected(options["id"].lower(), options["serial"])
    return SerialAtLink(_name(url), ctx, parts.path, expected, *_line(options))


def _line(options: dict[str, str]) -> tuple[int, Parity, StopBits]:
    return (
        int(_positive(options["baud"], "baud")),
        _choice(options["parity"], "parity", _PARITIES),
        _choice(options["stop"], "stop", _STOP_BITS),
    )


def _tcp(url: str, ctx: Context) -> Link:
    parts = urlsplit(url)
    options = _options(url, {"timeout": "3"})
    try:
        host, port = parts.hostname, parts.port
    except ValueError as problem:
        raise BadConfig(f"{_name(url)}: {problem}") from problem
    if not host or not port:
        raise BadConfig(f"{_name(url)}: write tcp://host:port")
    return TcpLink(_name(url), ctx, host, port, _positive(options["timeout"], "timeout"))


def _http(url: str, ctx: Context) -> Link:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as problem:
        raise BadConfig(f"{_name(url)}: {problem}") from problem
    if not host or "@" in parts.netloc or not url.isascii() or any(c.isspace() or not c.isprintable() for c in url):
        raise BadConfig("write http://host:port/path, without a password in it")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return HttpLink(ctx, f"[{host}]" if ":" in host else host, port or 80, target)


def _folder(url: str, ctx: Context) -> Link:
    parts = urlsplit(url)
    _options(url, {})
    if parts.netloc or not parts.path:
        raise BadConfig(f"{_name(url)}: write file:folder")
    return FolderLink(_name(url), Path(ctx.runtime) / parts.path)


def _replay(url: str, ctx: Context) -> Link:
    parts = urlsplit(url)
    _options(url, {})
    if parts.netloc or not parts.path:
        raise BadConfig(f"{_name(url)}: write replay:file")
    return ReplayLink(_name(url), ctx, Path(ctx.runtime) / parts.path)


def _usb_at(url: str, ctx: Context) -> Link:
    from drivers.links.usb import usb_at  # pyusb only where it is used

    return usb_at(url, ctx)


def _usb_over_ip(url: str, ctx: Context) -> Link:
    from drivers.links.usb import usb_over_ip

    return usb_over_ip(url, ctx)


def _name(url: str) -> str:
    return url.partition("?")[0]


def _options(url: str, defaults: dict[str, str]) -> dict[str, str]:
    given = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    unknown = sorted(given.keys() - defaults.keys())
    if unknown:
        raise BadConfig(f"{_name(url)}: unknown option {unknown[0]!r}")
    return defaults | given


def _positive(text: str, option: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 100_000_000:
        raise BadConfig(f"{option}={text!r} is not a usable number")
    return value


def _choice(text: str, option: str, values: Mapping[str, Value]) -> Value:
    if text not in values:
        raise BadConfig(f"{option}={text!r}: one of {', '.join(values)}")
    return values[text]


_factories: dict[str, Factory] = {
    "serial": _serial,
    "serial-at": _serial_at,
    "tcp": _tcp,
    "file": _folder,
    "http": _http,
    "replay": _replay,
    "usb-at": _usb_at,
    "usbip": _usb_over_ip,
    "input-at": input_at,
    "pcsc": pcsc,
}
