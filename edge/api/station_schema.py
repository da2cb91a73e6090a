"""What crosses the API of a station's own state: its devices, its line to the centre, whether it is well."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from edge.api.model import Model

DeviceState = Literal["absent", "starting", "ready", "warning", "busy", "fault", "disabled"]


class DeviceSnapshot(Model):
    """`text` is for the reader's role, from the word lists.

    Only for technicians: `detail`, `where` (socket or address), `signs` (keys, ratings, codes and cards so far: when it
    grows, somebody is at the device right now).
    """

    id: str
    kind: str
    place: str
    state: DeviceState
    code: str = ""
    text: str = ""
    detail: str = ""
    where: str = ""
    signs: int = 0


class BadRecord(Model):
    """A record of this site that the centre keeps aside, and why: `kind`, `version`, `body`, `conflict`, `rule`."""

    epoch: str
    seq: int
    reason: str


class LinkSnapshot(Model):
    """The line to the centre. `pending`: records not yet acknowledged; `oldest`: seconds the oldest waits.

    `connected` False: this site has no address of a centre. `acked`, `durable`: seqs of the epoch; what is durable
    survives a restore of the centre. `held`: records the centre keeps aside, `bad` the newest of them. `credit`:
    batches the centre takes at once; 0: it asks to wait. `rtt_ms`: how long its answers take, smoothed; None before
    the first. `why`: what ended the last connection, or what holds the stream up (sync.link_state), '' when all is
    well. `certificate`: when the site's certificate ends; None without one.
    `twin`: another machine has this site's identity. `gap`: restored from an image, so numbers keep a distance.
    """

    online: bool
    pending: int
    oldest: float
    acked: int
    connected: bool = True
    durable: int = 0
    held: int = 0
    bad: tuple[BadRecord, ...] = ()
    files: int = 0
    credit: int = 0
    rtt_ms: int | None = None
    why: str = ""
    certificate: datetime | None = None
    twin: bool = False
    gap: bool = False


class IsolationSeen(Model):
    """`check`, `verdict`, `facts`: as in sync.site_isolation.Seen."""

    check: str
    verdict: Literal["kept", "open", "doubtful", "unseen"]
    facts: dict[str, int | str] = Field(default_factory=dict)


class IsolationReport(Model):
    """Whether the broker keeps this site apart. `why`: nothing can be said, for want of an enrolment (`not_enrolled`)
    or of a line (sync.link_state); then `seen` is empty.
    """

    why: str = ""
    seen: tuple[IsolationSeen, ...] = ()


class HealthReport(Model):
    """`faults`: devices that do not work now; one that only warns is not among them."""

    ready: bool
    version: str
    site: str
    seq: int
    epoch: str
    link: LinkSnapshot
    devices: int
    faults: int
