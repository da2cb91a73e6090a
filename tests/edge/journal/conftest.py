"""A journal on a real disk with a hand-turned clock and a seeded random source."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.journal import CentreKey, Journal, KeyRing
from tests.edge.journal.material import BOOT, CENTRE_PRIVATE, SITE, ZONE, Opener, TurnedClock


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing(bytes(32))


@pytest.fixture
def ring_with_centre() -> KeyRing:
    public = X25519PrivateKey.from_private_bytes(CENTRE_PRIVATE).public_key().public_bytes_raw()
    return KeyRing(bytes(32), centre=CentreKey("c1", public))


@pytest.fixture
async def open_journal(tmp_path: Path, ring: KeyRing) -> AsyncIterator[Opener]:
    """`await open_journal()`: the journal in tmp_path/j; closed at the end of the test."""
    random = Random(7)
    async with AsyncExitStack() as stack:

        async def opener(folder: Path = tmp_path / "j", *, site: str = SITE, keys: KeyRing = ring) -> Journal:
            journal = await Journal.open(
                folder,
                site=site,
                boot=BOOT,
                clock=TurnedClock(),
                zone=ZONE,
                random_bytes=random.randbytes,
                keys=keys,
            )
            stack.push_async_callback(journal.close)
            return journal

        yield opener
