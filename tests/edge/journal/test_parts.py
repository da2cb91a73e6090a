from pathlib import Path

import pytest

from edge.journal import BadKeyFile, KeyRing, PartGone
from edge.journal.verify import verify
from edge.masking import IdNumber
from sync.protocol.parts import CannotOpen, unseal, unwrap_key
from tests.edge.journal.material import CENTRE_PRIVATE, SITE, Opener, called, issued

NAME, NUMBER = "张测试", "119999199001010012"
PERSON = {"name": NAME, "id_number": NUMBER}


async def test_site_and_centre_can_both_open_a_part(open_journal: Opener, ring_with_centre: KeyRing) -> None:
    journal = await open_journal(keys=ring_with_centre)
    [made] = await journal.append([issued(1, PERSON)], cmd="issue-01")
    [entry] = made.data["sealed"]
    assert await journal.open_part(made, entry["h"]) == PERSON
    key_issued, ticket = await journal.read(1)
    assert key_issued.record.kind == "key.issued"
    assert key_issued.record.data["cmd"] == "issue-01"
    [wrapped] = key_issued.record.body["wrapped"]
    assert (wrapped["to"], wrapped["kem"]) == ("c1", "x25519")
    kid = key_issued.record.body["kid"]
    key = unwrap_key(key_issued.parts[wrapped["h"]], private=CENTRE_PRIVATE, site=SITE, kid=kid)
    blob = ticket.parts[entry["h"]]
    assert unseal(entry, blob, key=key, site=SITE, kind="ticket.issued", subject="t:1") == PERSON


async def test_one_key_an_owner_issued_once(open_journal: Opener) -> None:
    journal = await open_journal()
    same = issued(1, PERSON)
    await journal.append([same, same])
    await journal.close()
    journal = await open_journal()
    await journal.append([same, issued(2, PERSON)])
    kinds = [stored.record.kind for stored in await journal.read(1)]
    assert kinds == ["key.issued", "ticket.issued", "ticket.issued", "ticket.issued", "key.issued", "ticket.issued"]


async def test_the_sites_own_wrap_is_never_handed_out(open_journal: Opener) -> None:
    journal = await open_journal()
    await journal.append([issued(1, PERSON)])
    key_issued = (await journal.read(1))[0]
    assert key_issued.record.body["wrapped"] == []
    assert (key_issued.parts, key_issued.gone) == ({}, ())


async def test_another_site_key_opens_nothing(open_journal: Opener) -> None:
    journal = await open_journal()
    [made] = await journal.append([issued(1, PERSON)])
    await journal.close()
    stranger = await open_journal(keys=KeyRing(b"x" * 32))
    with pytest.raises(CannotOpen):
        await stranger.open_part(made, made.data["sealed"][0]["h"])


async def test_no_file_holds_a_persons_data(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    for n in range(30):
        await journal.append([issued(n, PERSON), called(n)])
    await journal.save_snapshot(10, b"{}")
    texts = (NAME, NUMBER, NUMBER[:17])
    canaries = [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "gb18030")]
    for file in [*(tmp_path / "j").iterdir()]:
        data = file.read_bytes()
        assert not [c for c in canaries if c in data], file.name
    assert (tmp_path / "j" / "journal.db-wal").stat().st_size > 0
    assert b"ticket.issued" in (tmp_path / "j" / "journal.db-wal").read_bytes()  # the search can find things


async def test_an_erased_part_is_gone_from_the_disk_and_the_chain_still_verifies(
    open_journal: Opener, tmp_path: Path, ring_with_centre: KeyRing
) -> None:
    journal = await open_journal(keys=ring_with_centre)
    [first] = await journal.append([issued(1, PERSON)])
    [second] = await journal.append([issued(2, PERSON)])
    h = first.data["sealed"][0]["h"]
    key_issued, ticket = await journal.read(1, limit=2)
    blobs = [key_issued.parts[key_issued.record.body["wrapped"][0]["h"]], ticket.parts[h]]
    erased = await journal.erase([h], "term", actor="system:halld")
    assert erased.body["h"][0] == h
    assert len(erased.body["h"]) == 2  # the wrap that nothing needs any more goes with it
    with pytest.raises(PartGone):
        await journal.open_part(first, h)
    assert (await journal.read(2))[0].gone == (h,)
    assert await journal.open_part(second, second.data["sealed"][0]["h"]) == PERSON
    for file in (tmp_path / "j").iterdir():
        assert not [blob for blob in blobs if blob in file.read_bytes()], file.name
    assert verify(tmp_path / "j" / "journal.db").good
    with pytest.raises(ValueError, match="term"):
        await journal.erase([h], "because", actor="system:halld")


def test_person_ref_is_keyed_and_lives_one_day() -> None:
    ring = KeyRing(bytes(32))
    ref = ring.person_ref("2026-11-23", "11999920000229004x")
    assert len(ref) == 64
    assert ref == ring.person_ref("2026-11-23", IdNumber("11999920000229004X"))
    assert ref != ring.person_ref("2026-11-24", "11999920000229004X")
    assert ref != KeyRing(b"x" * 32).person_ref("2026-11-23", "11999920000229004X")


def test_the_site_key_file_is_made_only_on_purpose_and_private(tmp_path: Path) -> None:
    path = tmp_path / "site.key"
    with pytest.raises(BadKeyFile):
        KeyRing.load(path)
    made = KeyRing.load(path, create=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert KeyRing.load(path, create=True) == KeyRing.load(path) == made
    assert made.site_key.hex() not in repr(made)
    path.chmod(0o640)
    with pytest.raises(BadKeyFile, match="0640"):
        KeyRing.load(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(BadKeyFile, match="32"):
        KeyRing.load(path)
