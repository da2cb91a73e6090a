"""A small centre, written from the protocol page alone: bytes in, bytes out.

Its database is memory: `copy.deepcopy` of `sites` is a backup.
"""

from typing import Any

from tests.sync.peer import words
from tests.sync.peer.words import ZERO, Incoming, Out, Wrong


class Epoch:
    def __init__(self) -> None:
        self.upto, self.chain, self.closed = 0, ZERO, False
        self.records: dict[int, dict[str, Any]] = {}

    def hash_at(self, seq: int) -> str | None:
        if seq == 0:
            return ZERO
        if seq == self.upto:
            return self.chain
        return self.records[seq]["hash"] if seq in self.records else None


class Site:
    def __init__(self) -> None:
        self.epochs: dict[str, Epoch] = {}  # in the order in which they were met
        self.births: dict[tuple[str, int, str], dict[str, Any]] = {}
        self.held: list[list[Any]] = []
        self.holes: list[tuple[str, int, int]] = []
        self.parts: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.online: bool | None = None
        # of the connection only
        self.cid = ""
        self.hello: dict[str, Any] = {}
        self.coming: dict[str, Incoming] = {}
        self.going: dict[str, tuple[bytes, int]] = {}
        self.boots: list[str] = []
        self.two_machines = False


class PeerCentre:
    def __init__(self, identity: str = "c0" * 8, unknown: frozenset[str] = frozenset()) -> None:
        self.identity, self.unknown = identity, unknown
        self.sites: dict[str, Site] = {}
        self.credit = 8
        self.with_tails = True
        self.ignored = 0

    def restart(self) -> None:
        """Forgets what a process forgets; a restore also changes `identity`."""
        for site in self.sites.values():
            site.cid, site.hello, site.coming, site.going = "", {}, {}, {}

    def receive(self, name: str, payload: bytes, now: int) -> list[Out]:
        where = words.split_topic(name)
        if where is None:
            self.ignored += 1
            return []
        code, tail = where
        site = self.sites.setdefault(code, Site())
        try:
            if tail == "u/j":
                return self._batch(code, site, payload)
            if tail == "u/f":
                return self._chunk(code, site, payload)
            if tail in ("u/h", "s"):
                message = words.parse(words.plain(payload, words.MESSAGE_LIMIT))
                return self._told(code, site, message, now)
        except Wrong:
            self.ignored += 1
        return []

    def _told(self, code: str, site: Site, message: dict[str, Any], now: int) -> list[Out]:
        kind = message.get("m")
        if kind == "birth":
            site.online = message.get("online")
            return []
        if kind == "hello":
            return self._hello(code, site, message, now) if message.get("site") == code else []
        if kind not in ("offer", "need", "have", "marks"):
            return []
        if message.get("cid") != site.cid or not site.cid:
            return [self._nack_hello(code, message.get("cid"))]
        if kind == "offer" and words.good_offer(message):
            return self._offered(code, site, message)
        if kind == "need" and message.get("hash") in site.going:
            data, step = site.going[message["hash"]]
            wanted = words.chosen(message.get("bitmap", ""), -(-len(data) // step))
            return [Out(words.topic(code, "d/f"), words.chunk(data, step, index)) for index in wanted]
        return []

    # Greeting

    def _hello(self, code: str, site: Site, hello: dict[str, Any], now: int) -> list[Out]:
        site.cid, site.hello = hello["cid"], hello
        site.coming = {}
        if hello["boot"] not in site.boots[-1:]:
            site.two_machines |= hello["boot"] in site.boots
            site.boots.append(hello["boot"])
        epoch = site.epochs.get(hello["epoch"], Epoch())
        unlike = any(epoch.hash_at(seq) not in (None, digest) for seq, digest in hello["heads"] if seq <= epoch.upto)
        if epoch.closed or hello["next"] - 1 < epoch.upto or unlike:
            return [self._fork(code, site, hello, epoch)]
        answer = {
            "m": "welcome",
            **self._mark(site),
            "centre": self.identity,
            "region": "luohu",
            "now": now,
            "up": hello["up"],
        }
        return [self._down(code, answer)]

    def _fork(self, code: str, site: Site, hello: dict[str, Any], epoch: Epoch) -> Out:
        agreed = [seq for seq, digest in hello["heads"] if seq <= epoch.upto and epoch.hash_at(seq) == digest]
        common = max(agreed, default=0)
        answer = {"m": "fork", "cid": site.cid, "epoch": hello["epoch"], "common": common, "upto": epoch.upto}
        lost = [epoch.records[seq] for seq in sorted(epoch.records) if seq > common]
        names = list(site.epochs)
        later = names[names.index(hello["epoch"]) + 1 :] if hello["epoch"] in names else names
        for name in later:
            lost += [site.epochs[name].records[seq] for seq in sorted(site.epochs[name].records)]
        if lost and self.with_tails:
            data = words.squeeze(words.tail_lines(lost, site.parts, set()))
            site.going[words.sha256(data)] = (data, 65_536)
            answer["tail"] = {"hash": words.sha256(data), "size": len(data), "chunk": 65_536, "n": len(lost)}
        return self._down(code, answer)

    def _mark(self, site: Site) -> dict[str, Any]:
        name = site.hello["epoch"]
        epoch = site.epochs.get(name, Epoch())
        return {
            "cid": site.cid,
            "epoch": name,
            "upto": epoch.upto,
            "chain": epoch.chain,
            "durable": epoch.upto,
            "credit": self.credit,
            "held": len(site.held),
            "bad": site.held[-16:],
        }

    def _down(self, code: str, message: dict[str, Any]) -> Out:
        return Out(words.topic(code, "d/a"), words.canonical(message), 0)

    def _nack_hello(self, code: str, cid: Any) -> Out:
        return self._down(code, {"m": "nack", "cid": cid, "why": "hello", "text": ""})

    # Journal

    def _batch(self, code: str, site: Site, payload: bytes) -> list[Out]:
        try:
            message = words.parse(words.plain(payload, words.BATCH_LIMIT))
            records = message.get("records")
            if message.get("m") != "batch" or not isinstance(records, list) or not records:
                raise Wrong("format")
            if len(records) > 64:
                raise Wrong("size")
        except Wrong as wrong:
            return [self._answer(code, site, wrong.why)] if site.cid else []
        if not site.cid or message.get("cid") != site.cid:
            return [self._nack_hello(code, message.get("cid"))]
        try:
            for record in records:
                self._record(code, site, record, message)
        except Wrong as wrong:
            return [self._answer(code, site, wrong.why)]
        return [self._answer(code, site, None)]

    def _answer(self, code: str, site: Site, why: str | None) -> Out:
        mark = self._mark(site)
        return self._down(code, {"m": "ack", **mark} if why is None else {"m": "nack", **mark, "why": why, "text": why})

    def _record(self, code: str, site: Site, record: Any, message: dict[str, Any]) -> None:
        words.check_form(record)
        if record["site"] != code or record["epoch"] != site.hello["epoch"]:
            raise Wrong("foreign")
        parts = words.check_parts(record, message)
        if words.record_size(record, parts) > words.RECORD_LIMIT:
            raise Wrong("size")
        if words.hash_of(record) != record["hash"]:
            raise Wrong("hash")
        epoch = site.epochs.get(record["epoch"], Epoch())
        seq = record["seq"]
        if seq <= epoch.upto:
            if epoch.hash_at(seq) not in (None, record["hash"]):
                raise Wrong("chain")
            return
        if seq != epoch.upto + 1:
            self._hole(site, epoch, record)
        elif record["prev"] != epoch.chain:
            raise Wrong("chain")
        site.epochs[record["epoch"]] = epoch
        epoch.records[seq], epoch.upto, epoch.chain = record, seq, record["hash"]
        self._apply(site, record, parts)

    def _hole(self, site: Site, epoch: Epoch, record: dict[str, Any]) -> None:
        floor = site.hello["floor"]
        if record["seq"] != floor or [floor - 1, record["prev"]] not in site.hello["heads"]:
            raise Wrong("gap")
        site.holes.append((record["epoch"], epoch.upto + 1, floor - 1))

    def _apply(self, site: Site, record: dict[str, Any], parts: dict[str, bytes]) -> None:
        site.parts.update(parts)
        if words.birth(record) in site.births:
            return
        site.births[words.birth(record)] = record
        if record["kind"] == "epoch.opened":
            for name, other in site.epochs.items():
                other.closed = name != record["epoch"]
        if record["kind"] in self.unknown:
            site.held.append([record["epoch"], record["seq"], "kind"])

    # Files

    def _offered(self, code: str, site: Site, offer: dict[str, Any]) -> list[Out]:
        digest = offer["hash"]
        if digest in site.files:
            return [self._down(code, {"m": "have", "cid": site.cid, "hash": digest})]
        coming = site.coming.get(digest)
        if coming is None or (coming.size, coming.step) != (offer["size"], offer["chunk"]):
            coming = site.coming[digest] = Incoming(digest, offer["size"], offer["chunk"])
        return self._progress(code, site, coming, again=True)

    def _progress(self, code: str, site: Site, coming: Incoming, again: bool = False) -> list[Out]:
        whole = coming.whole()
        if whole is not None:
            del site.coming[coming.hash]
            if words.sha256(whole) != coming.hash:
                return []
            site.files[coming.hash] = whole
            return [self._down(code, {"m": "have", "cid": site.cid, "hash": coming.hash})]
        wanted = coming.want(again) if self.credit else None
        if wanted is None:
            return []
        return [self._down(code, {"m": "need", "cid": site.cid, "hash": coming.hash, "bitmap": wanted})]

    def _chunk(self, code: str, site: Site, payload: bytes) -> list[Out]:
        opened = words.open_chunk(payload)
        coming = site.coming.get(opened[0]) if opened else None
        if opened is None or coming is None or not coming.take(opened[1], opened[2]):
            self.ignored += 1
            return []
        return self._progress(code, site, coming)
