"""What one hall signed for is told to the hall that sealed it: the second half of a handover (交接单) between sites."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sync.centre.feed_store import Published
from sync.protocol import canonical, record
from sync.protocol.record import Record

RECEIVED: Final = "batch.received"
FEED: Final = "decisions"


class Told(NamedTuple):
    """`scope`: the site that sealed the batch."""

    scope: str
    item: Published


def note_of(site: str, one: Record) -> Told | None:
    """None unless `site` counted in a batch that was sealed for it elsewhere; a hall's word about others is no word.

    A body of another form is none, too: the record is kept all the same.
    """
    if one.kind != RECEIVED:
        return None
    try:
        sheet = one.body["sheet"]
        if sheet is None or sheet["to"] != site or sheet["frm"] == site:
            return None
        return Told(str(sheet["frm"]), _item(one, sheet))
    except (KeyError, TypeError, ValueError):
        return None


def _item(one: Record, sheet: Mapping[str, Any]) -> Published:
    counted = {(each["case"], each["material"]): each["counted"] for each in one.body["differences"]}
    lines = [
        {**line, "sheets": counted.get((line["case"], line["material"]), line["sheets"])} for line in sheet["lines"]
    ]
    named = {"do": "batch.note", "batch": one.subject, "hash": sheet["hash"], "signer": one.body["signer"]}
    body = {**named, "counted": lines}
    return Published(one.subject, record.digest(canonical.encode(body)), {"body": body})
