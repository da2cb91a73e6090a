"""From files of people and other programs to items: form, sealing for one site, signed commands."""

import hmac
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from sync.centre.feed_store import FeedStore, Published
from sync.centre.feeds import SigningKey
from sync.protocol import canonical, feeds, names, sealed_items, signing
from sync.protocol.canonical import NotCanonical
from sync.protocol.feeds import BadFeed, FeedMark
from sync.protocol.orders import Effect
from sync.protocol.record import digest

_KEY_BYTES: Final = 32
COMPLAINT_ACTS: Final = ("urge", "assign", "reply")


class NotPublished(ValueError):
    """The message says for people what is wrong; it repeats nothing personal."""


def load_key(path: Path) -> SigningKey:
    """From a file with `{"sign": base64}` that only its owner may read. Raises NotPublished."""
    try:
        mode, found = path.stat().st_mode, json.loads(path.read_bytes())
        private = b64decode(found["sign"], validate=True)
        public = signing.public_of(private)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise NotPublished(f"{path.name}: no signing key") from error
    if mode & 0o077:
        raise NotPublished(f"{path.name}: others may read it; mode 0600 is needed")
    return SigningKey(kid_of(public), private)


def kid_of(public: bytes) -> str:
    return f"s:{digest(public)[:16]}"


def make_key(path: Path, random_bytes: Callable[[int], bytes]) -> SigningKey:
    """Raises FileExistsError: a key is never replaced."""
    with open(path, "x", encoding="utf-8", opener=_private) as file:
        json.dump({"sign": b64encode(random_bytes(_KEY_BYTES)).decode()}, file)
    return load_key(path)


def trusted_text(key: SigningKey) -> str:
    """What a site needs to believe the centre."""
    return json.dumps({"sign": {key.kid: b64encode(signing.public_of(key.private)).decode()}})


def publish(
    store: FeedStore,
    key: SigningKey,
    *,
    feed: str,
    scope: str,
    lines: Any,
    whole: bool,
    random_bytes: Callable[[int], bytes],
) -> FeedMark:
    """`lines`: list of `{"id", "body", "private"?}` or `{"id", "gone": true}`; `private` is sealed for the site.

    The rev of an item goes up when its content is another. Raises NotPublished: then nothing is.
    """
    if feed not in feeds.ALL or feed == "commands":
        raise NotPublished(f"feed {feed}: no such feed, or commands, which are signed one by one")
    if (feed in feeds.OWN) != names.is_site(scope):
        raise NotPublished(f"feed {feed} is {'the own one of a site' if feed in feeds.OWN else 'shared by a region'}")
    try:
        items = list(_items(store, key, feed, scope, lines, random_bytes))
        return store.publish(feed, scope, items, whole=whole)
    except (NotCanonical, BadFeed) as error:
        raise NotPublished(str(error)) from error


def order(
    store: FeedStore,
    key: SigningKey,
    *,
    site: str,
    id: str,
    do: str,
    args: Mapping[str, Any],
    not_after: int,
    effect: Effect,
) -> FeedMark:
    """Put a signed command into the site's feed. Raises NotPublished."""
    told = {"m": "command", "id": id, "site": site, "do": do, "args": args, "not_after": not_after, "effect": effect}
    try:
        body = signing.sign(told, key=key.kid, private=key.private)
        return store.publish("commands", site, [Published(id, _facts(key, body, {}), {"body": body})])
    except (NotCanonical, BadFeed) as error:
        raise NotPublished(str(error)) from error


def direct(
    store: FeedStore,
    key: SigningKey,
    *,
    site: str,
    id: str,
    complaint: str,
    act: str,
    to: str,
    due: str,
    text: str,
    random_bytes: Callable[[int], bytes],
) -> FeedMark:
    """What the level above says of a complaint, as an item of the site's decisions. Raises NotPublished."""
    if act not in COMPLAINT_ACTS:
        raise NotPublished(f"{act}: one of {', '.join(COMPLAINT_ACTS)}")
    if not complaint.startswith("complaint:"):
        raise NotPublished("no complaint is called so: complaint:…")
    if act == "assign" and not to:
        raise NotPublished("to whom? --to")
    if act == "reply" and not text:
        raise NotPublished("an answer needs words: --text")
    if due and not _is_date(due):
        raise NotPublished("due is no date of the form YYYY-MM-DD")
    body = {"do": "complaint.direct", "complaint": complaint, "act": act, "to": to, "due": due}
    line = {"id": id, "body": body, "private": {"text": text} if text else {}}
    return publish(store, key, feed="decisions", scope=site, lines=[line], whole=False, random_bytes=random_bytes)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _items(
    store: FeedStore, key: SigningKey, feed: str, scope: str, lines: Any, random_bytes: Callable[[int], bytes]
) -> Iterator[Published]:
    if not isinstance(lines, list):
        raise NotPublished("a list of items is wanted")
    site_key = store.site_key(scope) if feed in feeds.OWN else None
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not isinstance(line, dict) or not isinstance(line.get("id"), str) or line["id"] in seen:
            raise NotPublished(f"item {number}: no id, or one that stands twice")
        uid = line["id"]
        seen.add(uid)
        if line.get("gone") is True:
            yield Published(uid, "", None)
            continue
        body, private = line.get("body"), line.get("private", {})
        if not isinstance(body, dict) or not isinstance(private, dict):
            raise NotPublished(f"item {number}: body or private is no object")
        made: dict[str, Any] = {"body": body}
        if private:
            if site_key is None:
                raise NotPublished(f"item {number}: personal members, and no key of {scope} to seal them for")
            kid, public = site_key
            made |= sealed_items.seal(
                private, feed=feed, item=uid, site=scope, public=public, to=kid, random_bytes=random_bytes
            )
        yield Published(uid, _facts(key, body, private), made)


def _facts(key: SigningKey, body: Mapping[str, Any], private: Mapping[str, Any]) -> str:
    """Keyed, so that what is personal cannot be guessed from it."""
    return hmac.new(key.private, canonical.encode({"body": body, "private": private}), "sha256").hexdigest()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
