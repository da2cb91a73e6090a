"""`hall-centre broker` writes configuration of brokers, `hall-centre doctor` tries whether one keeps sites apart."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from sync.broker_url import TlsFiles
from sync.centre import brokers
from sync.isolation import Finding, Isolation, party
from sync.wire import WireLost

kits = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_show_locals=False)

To = Annotated[Path, typer.Option(help="Folder, where the broker will read it.", exists=True, file_okay=False)]
Port = Annotated[int, typer.Option(help="Of MQTT over TLS.")]
Bind = Annotated[str, typer.Option(help="Address to listen on.")]
Authority = Annotated[Path, typer.Option(help="PEM: who signs sites and workers.")]
Certificate = Annotated[Path, typer.Option(help="PEM: the broker's own.")]
Key = Annotated[Path, typer.Option(help="PEM: its key.")]
Workers = Annotated[list[str], typer.Option(help="Common name of a centre's certificate; once for each.")]
Revoked = Annotated[Path | None, typer.Option(help="PEM: revoked certificates.")]


@kits.command()
def mosquitto(
    to: To,
    authority: Authority,
    certificate: Certificate,
    key: Key,
    worker: Workers,
    port: Port = 8883,
    bind: Bind = "0.0.0.0",
    revoked: Revoked = None,
) -> None:
    """Write `mosquitto.conf` and `mosquitto.acl`."""
    acl = to.absolute() / "mosquitto.acl"
    try:
        text, rules = brokers.mosquitto(brokers.Listener(port, bind, authority, certificate, key, worker, revoked), acl)
    except brokers.BadName as error:
        raise typer.BadParameter(str(error)) from error
    _write(acl, rules)
    _write(to / "mosquitto.conf", text)


@kits.command()
def nats(
    to: To,
    authority: Authority,
    certificate: Certificate,
    key: Key,
    worker: Workers,
    sites: Annotated[Path, typer.Option(help="File of site codes, one a line.", exists=True, dir_okay=False)],
    port: Port = 8883,
    bind: Bind = "0.0.0.0",
    data: Annotated[Path, typer.Option(help="Folder of its sessions.")] = Path("/var/lib/nats"),
    name: Annotated[str, typer.Option(help="Of this server.")] = "hall",
    inner_port: Annotated[int, typer.Option(help="Of its own protocol, on loopback.")] = 4222,
) -> None:
    """Write `nats.conf`; again whenever a site is added."""
    listener = brokers.Listener(port, bind, authority, certificate, key, worker)
    try:
        lines = [line.strip() for line in sites.read_text("utf-8").splitlines() if line.strip()]
        text = brokers.nats(listener, lines, data, name=name, inner_port=inner_port)
    except brokers.BadName as error:
        raise typer.BadParameter(str(error)) from error
    _write(to / "nats.conf", text)


def doctor(
    broker: Annotated[str, typer.Option(help="mqtts://host:port")],
    authority: Annotated[Path, typer.Option(help="PEM: who signed the broker's certificate.")],
    site: Annotated[Path, typer.Option(help="Certificate of a site that exists for this check only.")],
    site_key: Annotated[Path, typer.Option()],
    other: Annotated[Path, typer.Option(help="Certificate of a second such site.")],
    other_key: Annotated[Path, typer.Option()],
    centre: Annotated[Path, typer.Option(help="Certificate of a centre's worker that does not run now.")],
    centre_key: Annotated[Path, typer.Option()],
) -> None:
    """Try by real delivery whether the broker carries the link and keeps sites apart.

    Exit code 1: it does not. 2: not even what must work does, so nothing can be said.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            one = party(TlsFiles(authority, site, site_key))
            two = party(TlsFiles(authority, other, other_key))
            worker = party(TlsFiles(authority, centre, centre_key))
            found = asyncio.run(Isolation(broker, one, two, worker, Path(folder)).check())
        except (ValueError, OSError, WireLost, TimeoutError) as error:
            typer.echo(f"nothing can be said: {type(error).__name__}: {error}", err=True)
            raise typer.Exit(2) from error
    for finding in found:
        typer.echo(_line(finding))
    if not all(finding.held for finding in found):
        raise typer.Exit(1)


def _line(one: Finding) -> str:
    return f"{'ok    ' if one.held else 'BROKEN'} {one.check:16} {one.detail}"


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, "utf-8")
    fresh.chmod(0o640)
    fresh.replace(path)
