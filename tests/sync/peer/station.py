"""A small station, written from the protocol page alone: bytes in, bytes out.

Its journal is memory: `copy.deepcopy` of it is an image of its disk.
"""

import random
from typing import Any

from tests.sync.peer import words
from tests.sync.peer.words import ZERO, Incoming, Out, Wrong

AT = "2026-11-23T09:14:07.312+08:00"


class PeerStation:
    def __init__(self, site: str, seed: int = 1) -> None:
        self.site, self.random = site, random.Random(seed)
        self.records: list[dict[str, Any]] = []  # of the epoch, from `floor`
        self.floor, self.before = 1, ZERO  # `before` = hash at floor-1
        self.older: list[dict[str, Any]] = []
        self.parts: dict[str, bytes] = {}
        self.erased: set[str] = set()
        self.files: dict[str, bytes] = {}
        self.had: set[str] = set()
        self.restored = False
        self.epoch = self._hex16()
        self._write("epoch.opened", {"why": "new", "from": None, "common": 0, "chain": ZERO}, "site")
        self.boot()

    def boot(self) -> None:
        self.boot_id, self.cid, self.up = self._hex16(), "", 1_000
        self.upto = self.durable = self.credit = self.sent = self.held = 0
        self.greeted = False
        self.limit = 16_384
        self.out = 0
        self.bad: list[list[Any]] = []
        self.nacks: list[str] = []
        self.forks = 0
        self.fork: dict[str, Any] | None = None
        self.coming: Incoming | None = None
        self.centre: str | None = None
        self.ignored = 0

    def _hex16(self) -> str:
        return f"{self.random.getrandbits(64):016x}"

    # Journal

    @property
    def next(self) -> int:
        return self.floor + len(self.records)

    def _hash_at(self, seq: int) -> str:
        return self.before if seq == self.floor - 1 else self.records[seq - self.floor]["hash"]

    def _write(self, kind: str, body: dict[str, Any], subject: str, **more: Any) -> dict[str, Any]:
        record = {
            "seq": self.next,
            "site": self.site,
            "epoch": self.epoch,
            "at": AT,
            "up": 7,
            "kind": kind,
            "v": 1,
            "subject": subject,
            "actor": "clerk:0107",
            "body": body,
            "prev": self._hash_at(self.next - 1),
            "alg": self.random.choice(["sm3", "sha256"]),
            **more,
        }
        self.records.append(words.finish(record))
        return self.records[-1]

    def note(
        self, kind: str, body: dict[str, Any], subject: str = "t:1", parts: tuple[bytes, ...] = ()
    ) -> dict[str, Any]:
        if not parts:
            return self._write(kind, body, subject)
        sealed = []
        for part in parts:
            self.parts[words.sha256(part)] = part
            sealed.append({"kid": "k:1", "alg": "aes-256-gcm", "nonce": words.b64(bytes(12)), "h": words.sha256(part)})
        return self._write(kind, body, subject, sealed=sealed)

    def key(self, kid: str, blob: bytes) -> dict[str, Any]:
        self.parts[words.sha256(blob)] = blob
        wrapped = [{"to": "c1", "kem": "x25519", "h": words.sha256(blob)}]
        return self._write("key.issued", {"kid": kid, "alg": "aes-256-gcm", "wrapped": wrapped}, "case:1")

    def erase(self, h: str) -> None:
        self._write("part.erased", {"h": [h], "why": "law"}, "site")
        del self.parts[h]
        self.erased.add(h)

    def forget_below(self, floor: int) -> None:
        """Drops records as a journal does that keeps only a term (or has lost a segment)."""
        self.before = self._hash_at(floor - 1)
        self.records = self.records[floor - self.floor :]
        self.floor = floor

    # Connection

    def connect(self) -> list[Out]:
        self.cid, self.greeted, self.limit, self.out = self._hex16(), False, 16_384, 0
        self.fork = self.coming = None
        return [self.birth(True), self.hello()]

    def birth(self, online: bool) -> Out:
        message = {"m": "birth", "cid": self.cid, "online": online, "epoch": self.epoch, "version": "peer"}
        return Out(words.topic(self.site, "s"), words.canonical(message), 1, True)

    def hello(self, extra: int | None = None) -> Out:
        heads = [[seq, self._hash_at(seq)] for seq in words.head_seqs(self.next, self.floor)]
        if extra is not None and self.floor - 1 <= extra < self.next and [extra, self._hash_at(extra)] not in heads:
            heads = [*heads[:47], [extra, self._hash_at(extra)]]
        self.up += 1
        return self._up(
            {
                "m": "hello",
                "site": self.site,
                "epoch": self.epoch,
                "next": self.next,
                "floor": self.floor,
                "heads": heads,
                "feeds": {},
                "free": 1 << 30,
                "now": 1_795_396_447_312,
                "up": self.up,
                "boot": self.boot_id,
                "version": "peer",
            }
        )

    def _up(self, message: dict[str, Any]) -> Out:
        return Out(words.topic(self.site, "u/h"), words.canonical({**message, "cid": self.cid}))

    def silence(self) -> list[Out]:
        """One RTO without an answer: asks again for whatever is open."""
        if not self.greeted and self.fork is None:
            return [self.hello()]
        if self.coming is not None:
            return self._need(again=True)
        self.out, self.sent = 0, max(self.upto, self.floor - 1)
        return self.pump() + (self.offers() if self.greeted else [])

    def receive(self, name: str, payload: bytes, now: int = 0) -> list[Out]:
        try:
            if name == words.topic(self.site, "d/f"):
                return self._chunk(payload)
            if name != words.topic(self.site, "d/a"):
                return []
            message = words.parse(words.plain(payload, words.MESSAGE_LIMIT))
        except Wrong:
            self.ignored += 1
            return []
        if message.get("cid") != self.cid or message.get("epoch", self.epoch) != self.epoch:
            self.ignored += 1
            return []
        answers = {
            "welcome": self._welcome,
            "ack": self._ack,
            "nack": self._nack,
            "fork": self._forked,
            "need": self._asked,
            "have": self._had,
        }
        answer = answers.get(message.get("m", ""))
        return answer(message) if answer else []

    def _mark(self, message: dict[str, Any], down: bool) -> bool:
        """Takes a mark; False when the centre's hash at `upto` is not ours."""
        upto = message["upto"]
        if down or upto > self.upto:
            self.upto = upto
        self.durable = message["durable"] if down else max(self.durable, message["durable"])
        self.credit, self.held, self.bad = message["credit"], message["held"], message["bad"]
        if upto != self.upto or upto < self.floor - 1:
            return True
        return upto < self.next and self._hash_at(upto) == message["chain"]

    def _welcome(self, message: dict[str, Any]) -> list[Out]:
        first, self.greeted = not self.greeted, True
        agrees = self._mark(message, first)
        if not agrees:
            self.greeted = False
            return [self.hello(self.upto)]
        if self.restored:
            self.restored = False
            return self._new_epoch("restore", self.upto, [], {})
        if first:
            self.sent, self.out = max(self.upto, self.floor - 1), 0
        if message["centre"] != self.centre:
            self.centre, self.had = message["centre"], set()
        return self.pump() + self.offers()

    def _ack(self, message: dict[str, Any]) -> list[Out]:
        before = self.upto
        self._mark(message, False)
        if self.upto > before:
            self.limit *= 2
        self.out = max(0, self.out - 1)
        return self.pump()

    def _nack(self, message: dict[str, Any]) -> list[Out]:
        self.nacks.append(message["why"])
        if message["why"] == "hello":
            self.greeted = False
            return [self.hello()]
        self._mark(message, False)
        if message["why"] == "chain":
            self.greeted = False
            return [self.hello(self.upto)]
        self.out = max(0, self.out - 1)
        return []  # again after one RTO

    def pump(self) -> list[Out]:
        batches = []
        while self.greeted and self.out < min(self.credit, 8) and self.sent + 1 < self.next:
            batches.append(self._batch(self.sent + 1))
            self.out += 1
        return batches

    def _batch(self, start: int) -> Out:
        message: dict[str, Any] = {"m": "batch", "cid": self.cid, "records": [], "parts": {}, "gone": []}
        size = 200
        for record in self.records[start - self.floor :][:64]:
            size += words.record_size(record, self.parts) + 300
            if message["records"] and size > min(self.limit, words.BATCH_LIMIT):
                break
            message["records"].append(record)
            for h in words.parts_named(record):
                if h in self.parts:
                    message["parts"][h] = words.b64(self.parts[h])
                else:
                    message["gone"].append(h)
            self.sent = record["seq"]
        message = {name: value for name, value in message.items() if value}
        raw = words.canonical(message)
        return Out(words.topic(self.site, "u/j"), words.squeeze(raw) if self.random.random() < 0.5 else raw)

    # Forks

    def _forked(self, message: dict[str, Any]) -> list[Out]:
        self.greeted, self.forks = False, self.forks + 1
        if self.fork is None:
            self.fork = message
            tail = message.get("tail")
            if tail is None:
                return self._new_epoch("fork", message["common"], [], {})
            self.coming = Incoming(tail["hash"], tail["size"], tail["chunk"])
            return self._need()
        return []

    def _need(self, again: bool = False) -> list[Out]:
        assert self.coming is not None
        wanted = self.coming.want(again)
        return [] if wanted is None else [self._up({"m": "need", "hash": self.coming.hash, "bitmap": wanted})]

    def _chunk(self, payload: bytes) -> list[Out]:
        opened = words.open_chunk(payload)
        if opened is None or self.coming is None or opened[0] != self.coming.hash or not self.coming.take(*opened[1:]):
            self.ignored += 1
            return []
        data = self.coming.whole()
        if data is None:
            return self._need()
        fork, self.coming = self.fork, None
        assert fork is not None
        try:
            if words.sha256(data) != fork["tail"]["hash"]:
                raise Wrong("hash")
            records, parts = words.read_tail(data, self.site)
        except (Wrong, UnicodeDecodeError):
            records, parts = [], {}
        done = self._up({"m": "have", "hash": fork["tail"]["hash"]})
        return [done, *self._new_epoch("fork", fork["common"], records, parts)]

    def _new_epoch(self, why: str, common: int, tail: list[dict[str, Any]], parts: dict[str, bytes]) -> list[Out]:
        old, kept = self.epoch, self.records[: common - self.floor + 1]
        mine = self.records[common - self.floor + 1 :]
        known = {words.birth(record) for record in self.older + kept}
        chain = self._hash_at(common)
        self.older += kept
        self.epoch, self.records, self.floor, self.before = self._hex16(), [], 1, ZERO
        self._write("epoch.opened", {"why": why, "from": old, "common": common, "chain": chain}, "site")
        for record in [*tail, *mine]:
            if record["kind"] == "epoch.opened" or words.birth(record) in known:
                continue
            known.add(words.birth(record))
            again = {**record, "seq": self.next, "epoch": self.epoch, "prev": self._hash_at(self.next - 1)}
            self.records.append(words.finish({**again, "was": list(words.birth(record))}))
        self.parts |= {h: data for h, data in parts.items() if h not in self.erased}
        self.upto = self.durable = self.sent = self.out = 0
        self.fork, self.greeted, self.restored = None, False, False
        return [self.hello()]

    # Files

    def offers(self) -> list[Out]:
        waiting = [digest for digest in self.files if digest not in self.had]
        step = 65_536
        return [self._up({"m": "offer", "hash": d, "size": len(self.files[d]), "chunk": step}) for d in waiting]

    def _asked(self, message: dict[str, Any]) -> list[Out]:
        data = self.files.get(message["hash"])
        if data is None:
            return []
        wanted = words.chosen(message["bitmap"], -(-len(data) // 65_536))
        return [Out(words.topic(self.site, "u/f"), words.chunk(data, 65_536, index)) for index in wanted]

    def _had(self, message: dict[str, Any]) -> list[Out]:
        self.had.add(message["hash"])
        return []

    @property
    def settled(self) -> bool:
        return self.greeted and self.upto == self.next - 1 and set(self.files) <= self.had

    def births(self) -> list[tuple[str, int, str]]:
        return [words.birth(record) for record in self.older + self.records]
