"""`hall-centre feeds`, beside a running centre: publish from files, order, see what came of it, settle conflicts."""

import json
import secrets
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from sync.centre import publishing
from sync.centre.conflicts import about
from sync.centre.feed_store import FeedStore, Keep
from sync.centre.publishing import NotPublished
from sync.protocol import feeds, names, record
from sync.protocol.orders import Effect
from sync.protocol.record import digest

app = typer.Typer(no_args_is_help=True, pretty_exceptions_show_locals=False)
Feeds = Annotated[Path, typer.Option("--feeds", help="File of what is published; made when missing.")]
Key = Annotated[Path, typer.Option("--signing-key", exists=True, dir_okay=False, help="Made by `feeds key`.")]
SiteCode = Annotated[str, typer.Option("--site", help="Site code.")]


@app.command()
def key(
    to: Annotated[Path, typer.Argument(help="File of the private key; never replaced.")],
    public: Annotated[Path | None, typer.Option(help="File for the sites: whom to believe.")] = None,
) -> None:
    """Make the key that everything published is signed with."""
    with _said():
        try:
            made = publishing.make_key(to, secrets.token_bytes)
        except FileExistsError as error:
            raise NotPublished(f"{to.name} is there") from error
        if public is not None:
            public.write_text(publishing.trusted_text(made))
        typer.echo(made.kid)


@app.command("site-key")
def site_key(store: Feeds, site: SiteCode, public: Annotated[str, typer.Argument(help="X25519, base64.")]) -> None:
    """Keep a site's public key: personal items are sealed for it."""
    with _said(), _open(store) as found:
        raw = b64decode(public)
        if len(raw) != 32 or not names.is_site(site):
            raise NotPublished("32 bytes in base64, and a site code")
        found.trust(site, f"x:{digest(raw)[:16]}", raw)


@app.command()
def publish(
    store: Feeds,
    signing_key: Key,
    feed: Annotated[str, typer.Option(help=", ".join(sorted(feeds.ALL - {"commands"})))],
    scope: Annotated[str, typer.Option(help="Site code of an own feed, region of a shared one.")],
    items: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON list of items.")],
    whole: Annotated[bool, typer.Option(help="Remove what is not in the file.")] = False,
) -> None:
    """A new version of a feed, of all that is another in the file; prints version and digest."""
    with _said(), _open(store) as found:
        mark = publishing.publish(
            found,
            publishing.load_key(signing_key),
            feed=feed,
            scope=scope,
            lines=_json(items.read_text("utf-8")),
            whole=whole,
            random_bytes=secrets.token_bytes,
        )
        typer.echo(f"{mark.ver} {mark.digest}")


@app.command()
def order(
    store: Feeds,
    signing_key: Key,
    site: SiteCode,
    do: Annotated[str, typer.Argument(help="print, journal.verify, hall.notice")],
    args: Annotated[str, typer.Option(help="JSON object.")] = "{}",
    effect: Annotated[str, typer.Option(help="once: never again, whatever happens; idempotent")] = "once",
    minutes: Annotated[float, typer.Option(min=0, help="It counts for so long, by the centre's clock.")] = 10.0,
    id: Annotated[str, typer.Option(help="Made when left out.")] = "",
) -> None:
    """Order a site to do something; prints the id under which the outcome is found."""
    with _said(), _open(store) as found:
        if effect not in ("once", "idempotent"):
            raise NotPublished("effect is once or idempotent")
        kind: Effect = "once" if effect == "once" else "idempotent"
        uid = id or f"c:{secrets.token_hex(10)}"
        publishing.order(
            found,
            publishing.load_key(signing_key),
            site=site,
            id=uid,
            do=do,
            args=_json(args),
            not_after=round(time.time() * 1000 + minutes * 60_000),
            effect=kind,
        )
        typer.echo(uid)


@app.command()
def complaint(
    store: Feeds,
    signing_key: Key,
    site: SiteCode,
    act: Annotated[str, typer.Argument(help=f"{', '.join(publishing.COMPLAINT_ACTS)} (督办, 转办, 答复)")],
    uid: Annotated[str, typer.Argument(help="Its `uid`, as `hall-centre complaints` says it.")],
    to: Annotated[str, typer.Option(help="Of assign: the unit or person it goes to.")] = "",
    due: Annotated[str, typer.Option(help="The new limit, YYYY-MM-DD; without it, the one that holds.")] = "",
    text: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="File with the words; sealed.")] = None,
    id: Annotated[str, typer.Option(help="Of this word; made when left out. The same again changes nothing.")] = "",
) -> None:
    """The level above says something of a site's complaint; its shift leader sees it, the complainant an answer."""
    with _said(), _open(store) as found:
        mark = publishing.direct(
            found,
            publishing.load_key(signing_key),
            site=site,
            id=id or f"k:{secrets.token_hex(10)}",
            complaint=uid,
            act=act,
            to=to,
            due=due,
            text="" if text is None else text.read_text("utf-8").strip(),
            random_bytes=secrets.token_bytes,
        )
        typer.echo(f"{mark.ver} {mark.digest}")


@app.command()
def outcomes(store: Feeds, site: SiteCode) -> None:
    """What became of a site's commands, oldest first, one JSON object a line."""
    with _open(store) as found:
        for one in found.outcomes(site):
            typer.echo(json.dumps(one._asdict()))


@app.command()
def show(
    store: Feeds, feed: Annotated[str, typer.Option()], scope: Annotated[str, typer.Option()], as_items: bool = False
) -> None:
    """Version and digest of a feed; with --as-items its items, sealed as they are."""
    with _open(store) as found:
        mark = found.mark(feed, scope)
        typer.echo(f"{mark.ver} {mark.digest}")
        for item in found.items(feed, scope) if as_items else ():
            typer.echo(json.dumps(item))


@app.command()
def conflicts(store: Feeds, site: SiteCode, region: Annotated[str, typer.Option()] = "local") -> None:
    """Records about an item that is another by now, with both versions, one JSON object a line."""
    with _open(store) as found:
        for one in found.conflicts(site):
            said = record.parse(one.record)
            named = about(said.body)
            if named is None:
                continue
            scope = region if named.feed in feeds.SHARED else site
            ours = next((item for item in found.items(named.feed, scope) if item["id"] == named.id), None)
            told = {"birth": one.birth, "kept": one.kept, "record": dict(said.data), "ours": ours}
            typer.echo(json.dumps(told | {"our_rev": found.rev(named.feed, scope, named.id)}))


@app.command()
def settle(
    store: Feeds,
    site: SiteCode,
    birth: Annotated[str, typer.Argument(help="As `conflicts` says it.")],
    keep: Annotated[str, typer.Option(help="site: it happened as the record says; centre: the item counts.")],
    by: Annotated[str, typer.Option(help="Who decides: a code, no name.")],
) -> None:
    """A person decides; the running centre then applies the record and holds it no longer."""
    with _said(), _open(store) as found:
        if keep not in ("site", "centre"):
            raise NotPublished("keep is site or centre")
        kept: Keep = "site" if keep == "site" else "centre"
        if not found.settle(site, birth, kept, by, time.time_ns() // 1_000_000):
            raise NotPublished("no such conflict, or settled before")


@contextmanager
def _open(path: Path) -> Iterator[FeedStore]:
    store = FeedStore(path)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except (NotPublished, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise NotPublished("not JSON") from error
