"""`hall-centre authority`: who may be a site. Makes the centre's keys, vouchers and certificates, serves enrolment."""

import asyncio
import json
import os
import secrets as random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from sync.centre import enrolment_keys
from sync.centre.enrolment_desk import EnrolmentDesk, NotEnrolled
from sync.centre.enrolment_held import HeldInDatabase
from sync.centre.enrolment_keys import BadAuthorityFile, CentreSecrets
from sync.centre.enrolment_roll import EnrolmentRoll
from sync.certificates import Request, pem_of
from sync.private_files import write_private
from sync.protocol import names

app = typer.Typer(no_args_is_help=True, help="Who may be a site: keys, vouchers, certificates, enrolment.")
Folder = Annotated[Path, typer.Option(help="Folder of the centre's authority.")]
Db = Annotated[str, typer.Option(help="Database of the centre: SQLite file or postgresql://…")]
Site = Annotated[str, typer.Argument(help="Site code.")]
SERVER_DAYS = 400
_WHY = {
    "missing": "there is no authority in this folder; make one: hall-centre authority init",
    "there": "there is an authority in this folder; it is never made anew, since every site would be lost",
    "open": "others may read the file; only its owner may (0600)",
    "damaged": "the file is damaged; bring it back from the backup",
    "no_escrow": "the escrow key is not here; bring escrow.json back from where it is locked away",
    "nothing_held": "this site was never enrolled, so nothing can be given back; leave --replaces out",
    "escrow": "the escrow key is not here or does not fit; bring escrow.json back from where it is locked away",
}


@app.command()
def init(
    folder: Folder,
    broker: Annotated[str, typer.Option(help="mqtts://host:port that sites are told.")],
    name: Annotated[str, typer.Option(help="Common name of the authority.")] = "Hall Edge centre",
) -> None:
    """Make authority and keys, once."""
    with _said():
        made = enrolment_keys.make(folder, name=name, broker=broker, now=_now(), random_bytes=random.token_bytes)
        with _desk(made, None) as desk:
            desk.write_list()
    typer.echo(f"authority {made.issuer.fingerprint}")
    typer.echo("Lock escrow.json away: it opens the sites' own keys, and is needed for a replaced box only.")


@app.command()
def voucher(
    site: Site,
    folder: Folder,
    address: Annotated[str, typer.Option(help="host:port of this enrolment service, as the site reaches it.")],
    replaces: Annotated[bool, typer.Option(help="For a new box in the place of a dead one.")] = False,
    hours: Annotated[float, typer.Option(min=0.01, max=168, help="How long it lasts.")] = 24.0,
) -> None:
    """Print a one-time voucher; whoever has it becomes the site, so give it to the technician only."""
    if not names.is_site(site):
        raise typer.BadParameter("a site code has 2 to 32 of A-Z, 0-9 and hyphen")
    with _said(), _desk(enrolment_keys.load(folder), None) as desk:
        typer.echo(desk.voucher(site, address, replaces=replaces, lasts=timedelta(hours=hours)).text())


@app.command("serve")
def serve_(
    folder: Folder,
    db: Db,
    listen: Annotated[str, typer.Option(help="host:port")] = "0.0.0.0:8690",
    broker_pid: Annotated[Path | None, typer.Option(help="PID file of mosquitto: told of revocations.")] = None,
    ready_file: Annotated[Path | None, typer.Option(help="Written with the port once it listens.")] = None,
) -> None:
    """Serve enrolment and renewal over HTTPS until SIGTERM."""
    from sync.centre.enrolment_http import app_of, serve  # FastAPI, which the centre itself and every list do without

    with _said(), _desk(enrolment_keys.load(folder), db, broker_pid) as desk:
        desk.write_list()
        made = enrolment_keys.load(folder)
        host, _, port = listen.rpartition(":")

        def ready(port: int) -> None:
            typer.echo(f"enrolment at {host}:{port}")
            if ready_file is not None:
                write_private(ready_file, f"{port}\n".encode())

        web = app_of(desk, made.issuer, made.public)
        asyncio.run(serve(web, made.issuer, host.strip("[]"), int(port), now=_now, ready=ready))


@app.command()
def certificate(
    name: Annotated[str, typer.Argument(help="Common name: that of the broker, or of a hall-centre worker.")],
    folder: Folder,
    to: Annotated[Path, typer.Option(help="Folder for NAME.pem, NAME.key and authority.pem.")],
    host: Annotated[list[str] | None, typer.Option(help="Name or address of a server; leave out for a client.")] = None,
) -> None:
    """A certificate for a broker (with --host) or for the centre's own programs; never for a site."""
    if names.is_site(name):
        raise typer.BadParameter("this could be a site's name; a site needs a voucher")
    with _said():
        issuer = enrolment_keys.load(folder).issuer
    key = Request(name)
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if host else [])]
    made = issuer.issue(name, key.public_key, [_host(one) for one in host or ()], uses, now=_now(), days=SERVER_DAYS)
    write_private(to / f"{name}.key", key.key_pem())
    write_private(to / f"{name}.pem", pem_of(made).encode())
    write_private(to / "authority.pem", issuer.pem.encode())
    typer.echo(f"{name} until {made.not_valid_after_utc.date()}")


@app.command()
def revoke(
    site: Site,
    folder: Folder,
    broker_pid: Annotated[Path | None, typer.Option(help="PID file of mosquitto: told at once.")] = None,
) -> None:
    """Its certificates count no more; brokers read revoked.pem. The hall works on and keeps everything."""
    with _said(), _desk(enrolment_keys.load(folder), None, broker_pid) as desk:
        serials = desk.revoke(site)
    typer.echo(f"{len(serials)} revoked")
    if not serials:
        raise typer.Exit(1)


@app.command("list")
def list_(folder: Folder, as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False) -> None:
    """Every certificate that a site got, newest first."""
    with _said():
        enrolment_keys.load(folder)
        roll = EnrolmentRoll(folder)
    for one in roll.certificates():
        facts = {"site": one.site, "serial": one.serial, "state": one.state, "until": _day(one.until)}
        typer.echo(json.dumps(facts) if as_json else "  ".join(facts.values()))
    roll.close()


@app.command("part-key")
def part_key(folder: Folder, to: Annotated[Path, typer.Option(help="File for the key (PEM, 0600).")]) -> None:
    """Write the centre's X25519 key where `hall-centre timeline --key` opens parts with it, and print its id."""
    with _said():
        secrets = enrolment_keys.load(folder)
    key = X25519PrivateKey.from_private_bytes(secrets.part)
    write_private(to, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    typer.echo(secrets.public.part.kid)


@contextmanager
def _desk(secrets: CentreSecrets, db: str | None, broker_pid: Path | None = None) -> Iterator[EnrolmentDesk]:
    roll = EnrolmentRoll(secrets.folder)
    held = HeldInDatabase(db or str(secrets.folder / "no-database"))
    try:
        yield EnrolmentDesk(
            secrets,
            roll,
            held,
            now=_now,
            random_bytes=random.token_bytes,
            after_revocation=lambda: _hang_up(broker_pid),
        )
    finally:
        roll.close()


def _hang_up(broker_pid: Path | None) -> None:
    """mosquitto reads its list of the revoked again."""
    if broker_pid is not None and broker_pid.exists():
        os.kill(int(broker_pid.read_text()), signal.SIGHUP)


@contextmanager
def _said() -> Iterator[None]:
    """A sentence and exit code 1."""
    try:
        yield
    except (BadAuthorityFile, NotEnrolled) as error:
        typer.echo(_WHY.get(error.why, error.why), err=True)
        raise typer.Exit(1) from None


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def _now() -> datetime:
    return datetime.now(UTC)
