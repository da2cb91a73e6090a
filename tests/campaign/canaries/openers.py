"""Everybody who has keys tries to read everything that lies anywhere: both ends, with copies old and new."""

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from edge.journal.keys import KeyRing
from sync.protocol import parts, sealed_items
from sync.protocol.parts import CannotOpen


@dataclass
class Openers:
    """`read` is all that could be opened. `ring`: the site's key; `centre`: the centre's X25519 key."""

    site: str
    ring: KeyRing
    centre: bytes
    blobs: dict[str, bytes] = field(default_factory=dict)  # by digest
    keys: dict[str, set[bytes]] = field(default_factory=dict)  # by kid
    records: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # by hash
    items: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    _wraps: list[tuple[str, bytes]] = field(default_factory=list)

    def look(self, folders: Iterable[Path]) -> "Openers":
        """Take in every database and file below these."""
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.suffix == ".db":
                    self._database(path)
                elif path.is_file() and len(path.name) == 64:
                    self.blobs[path.name] = path.read_bytes()
        self._unwrap()
        return self

    def read(self) -> list[bytes]:
        return [*self._sealed(), *self._pages(), *self._feeds()]

    def _database(self, path: Path) -> None:
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        db.set_busy_timeout(5_000)
        try:
            tables = {str(name) for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if "records" in tables:
                for (raw,) in db.execute("SELECT raw FROM records"):
                    found = json.loads(raw)
                    self.records[found["hash"]] = found
                column = "blob" if "epochs" in tables and "keys" in tables else "bytes"
                rows = db.execute(f"SELECT h, {column} FROM parts WHERE {column} IS NOT NULL")
                self.blobs |= {str(h): bytes(blob) for h, blob in rows}
            if "keys" in tables:
                self._wraps += [(str(kid), bytes(wrap)) for kid, wrap in db.execute("SELECT kid, wrapped FROM keys")]
            if "versions" in tables:
                self._published(db)
            elif "own_notices" in tables:
                for feed, line in db.execute("SELECT feed, line FROM items"):
                    self.items.append((str(feed), json.loads(line)))
        finally:
            db.close()

    def _published(self, db: apsw.Connection) -> None:
        for feed, line in db.execute("SELECT feed, line FROM items WHERE line IS NOT NULL"):
            self.items.append((str(feed), json.loads(line)))
        for feed, changes in db.execute("SELECT feed, changes FROM versions WHERE changes <> x''"):
            self.items += [(str(feed), item) for item in json.loads(changes)["items"]]

    def _unwrap(self) -> None:
        for kid, wrap in self._wraps:
            with suppress(CannotOpen):
                self._keep(kid, self.ring.unwrap_for_site(wrap, site=self.site, kid=kid))
        for found in self.records.values():
            if found["kind"] != "key.issued":
                continue
            for wrapped in found["body"]["wrapped"]:
                for private in (self.centre, self.ring.exchange_key):
                    with suppress(CannotOpen, KeyError):
                        kid, blob = found["body"]["kid"], self.blobs[wrapped["h"]]
                        self._keep(kid, parts.unwrap_key(blob, private=private, site=self.site, kid=kid))

    def _keep(self, kid: str, key: bytes) -> None:
        self.keys.setdefault(kid, set()).add(key)

    def _sealed(self) -> Iterator[bytes]:
        for found in self.records.values():
            for entry in found.get("sealed", ()):
                for key in self.keys.get(entry["kid"], ()):
                    with suppress(CannotOpen, KeyError):
                        about = {"site": self.site, "kind": found["kind"], "subject": found["subject"]}
                        opened = parts.unseal(entry, self.blobs[entry["h"]], key=key, **about)
                        yield json.dumps(opened, ensure_ascii=False).encode()

    def _pages(self) -> Iterator[bytes]:
        for found in self.records.values():
            body = found["body"]
            if found["kind"] == "page.captured":
                for key in self.keys.get(body["kid"], ()):
                    with suppress(CannotOpen, KeyError):
                        yield parts.unseal_file(
                            self.blobs[body["h"]], key=key, kid=body["kid"], alg=body["alg"], nonce=body["nonce"],
                            site=self.site,
                        )  # fmt: skip

    def _feeds(self) -> Iterator[bytes]:
        for feed, item in self.items:
            for private in (self.ring.exchange_key, self.centre):
                with suppress(CannotOpen):
                    opened = sealed_items.open_item(item, feed=feed, site=self.site, private=private)
                    yield json.dumps(opened, ensure_ascii=False).encode()


def key_of(folder: Path) -> KeyRing:
    return KeyRing.load(folder / "site.key")


def raw_key(text: str) -> bytes:
    return b64decode(text)
