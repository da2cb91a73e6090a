"""Keys from before the enrolment get their wrap for the centre once, and only where something is sealed."""

from edge.journal import KeyRing
from sync.protocol import parts
from tests.edge.journal.material import CENTRE_PRIVATE, SITE, Opener, issued


async def test_keys_from_before_the_enrolment_are_wrapped_once(open_journal: Opener, ring_with_centre: KeyRing) -> None:
    before = await open_journal()
    sealed = [(await before.append([issued(n, private={"name": f"样本{n}"})]))[0] for n in range(1, 4)]
    await before.wrap_for_centre()
    assert all(not one.record.body["wrapped"] for one in await _announced(before)), "no centre is known yet"
    await before.erase([sealed[0].data["sealed"][0]["h"]], "law", actor="clerk:1")
    await before.close()
    after = await open_journal(keys=ring_with_centre)
    await after.wrap_for_centre()
    wrapped = [one for one in await _announced(after) if one.record.body["wrapped"]]
    assert [one.record.subject for one in wrapped] == [f"t:{n}" for n in (2, 3)], "nothing of an erased person"
    for one, record in zip(wrapped, sealed[1:], strict=True):
        entry = record.data["sealed"][0]
        (wrap,) = one.record.body["wrapped"]
        key = parts.unwrap_key(one.parts[wrap["h"]], private=CENTRE_PRIVATE, site=SITE, kid=entry["kid"])
        blob = (await after.read(record.seq - 1, 1))[0].parts[entry["h"]]
        opened = parts.unseal(entry, blob, key=key, site=SITE, kind=record.kind, subject=record.subject)
        assert opened == await after.open_part(record, entry["h"])
    newest = after.next_seq
    await after.wrap_for_centre()
    assert after.next_seq == newest, "once is enough"


async def _announced(journal):
    return [one for one in await journal.read(0, 64) if one.record.kind == "key.issued"]
