"""What the demo's centre publishes: its throw-away signing key, and a few invented bookings for today."""

import asyncio
import json
import os
import sys
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIGNING_KEY: Final = "signing.json"
_TRUSTED: Final = "centre-keys.json"
_BIN: Final = Path(sys.executable).parent
_PEOPLE: Final = (  # numbers of a region that does not exist
    ("张样本", "119999198502030012", "13900001234"),
    ("李示例", "119999199001010023", "13900005678"),
    ("王演示", "119999197607150034", "13900004321"),
)


def believe_the_centre(centre: Path, site: Path) -> None:
    """The centre's key, made once, and the site's file that says whom to believe: enrolment in one step."""
    kept = centre / SIGNING_KEY
    if not kept.exists():
        private = Ed25519PrivateKey.generate()
        with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({"sign": b64encode(private.private_bytes_raw()).decode()}, file)
        public = private.public_key().public_bytes_raw()
        kid = f"s:{sha256(public).hexdigest()[:16]}"
        (site / _TRUSTED).write_text(json.dumps({"sign": {kid: b64encode(public).decode()}}))


async def publish_bookings(data: Path, code: str, service: str, now: datetime) -> None:
    """A few of today, from half an hour ago on; their numbers and phones are in `_PEOPLE`. Raises RuntimeError."""
    store = ("--feeds", str(data / "centre" / "feeds.db"))
    public = await _said("hallctl", "feeds", "key", str(data / "data" / "site.key"))
    await _said("hall-centre", "feeds", "site-key", *store, "--site", code, public.strip())
    items = data / "centre" / "bookings.json"
    items.write_text(json.dumps(bookings(service, now)), "utf-8")
    await _said(
        *("hall-centre", "feeds", "publish", *store, "--signing-key", str(data / "centre" / SIGNING_KEY)),
        *("--feed", "bookings", "--scope", code, str(items)),
    )


def bookings(service: str, now: datetime) -> list[dict[str, Any]]:
    found = []
    for n, (name, id_number, phone) in enumerate(_PEOPLE, 1):
        slot = now + timedelta(minutes=15 * n - 20)
        found.append(
            {
                "id": f"b:demo-{now:%Y%m%d}-{n}",
                "body": {"date": f"{now:%Y-%m-%d}", "slot": f"{slot:%H:%M}", "service": service},
                "private": {"name": name, "id_number": id_number, "phone": phone},
            }
        )
    return found


def bookings_told(now: datetime) -> str:
    """For the demo's visitor: codes to type at the kiosk, and the last digits of their phones."""
    made = bookings("", now)
    return ", ".join(f"{one['id']} at {one['body']['slot']} ({one['private']['phone'][-4:]})" for one in made)


async def _said(program: str, *words: str | Sequence[str]) -> str:
    process = await asyncio.create_subprocess_exec(
        str(_BIN / program), *map(str, words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RuntimeError(err.decode().strip()[-300:])
    return out.decode()
