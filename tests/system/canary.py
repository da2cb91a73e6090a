"""An invented person whose data must lie nowhere, and a search that would find it in any usual writing."""

import base64
import codecs
import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

from hw_sim.sam.cards import Card

NUMBER = "119999197707070034"
NAME = "䶮金丝雀"
ADDRESS = "测试省金丝雀市虚构区不存在路777号"
CARD = Card.model_validate(
    {
        "id": "canary",
        "name": NAME,
        "sex": "2",
        "nation": "01",
        "birth": "19770707",
        "address": ADDRESS,
        "number": NUMBER,
        "issuer": "金丝雀市公安局虚构分局",
        "from": "20200101",
        "to": "20400101",
    }
)
PHONE = "00077770077"  # no number begins so
TEXT = "珊瑚礁，只写给本人的说明"  # of a refusal
# Whole, and the parts that no mask may leave: the middle of the number is the birthday, the given name and the city.
SECRETS = (NUMBER, NUMBER[6:14], NAME, "金丝雀", PHONE, TEXT[:3])
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
_ZSTD = b"\x28\xb5\x2f\xfd"


def writings() -> dict[bytes, str]:
    """Every byte string that gives the person away -> what it is, without saying the secret itself."""
    found: dict[bytes, str] = {}
    for place, secret in enumerate(SECRETS):
        for encoding in ENCODINGS:
            plain = secret.encode(encoding)
            label = f"secret {place} as {encoding}"
            found[plain] = label
            for hexed in (plain.hex(), plain.hex().upper(), plain.hex(" ")):
                found[hexed.encode()] = f"{label}, hex"
            for text in _base64(plain):
                found[text] = f"{label}, base64"
        escaped = json.dumps(secret)[1:-1]
        found[escaped.encode()] = found[escaped.upper().replace("\\U", "\\u").encode()] = f"secret {place}, escaped"
    # An unkeyed digest of a number is as good as the number: there are too few numbers.
    for algorithm in ("md5", "sha1", "sha256"):
        digest = hashlib.new(algorithm, NUMBER.encode()).digest()
        found |= {digest: algorithm, digest.hex().encode(): algorithm, base64.b64encode(digest).rstrip(b"="): algorithm}
    return found


def _base64(plain: bytes) -> Iterator[bytes]:
    """What stands in a base64 text for `plain` at each of the three possible offsets, in both alphabets."""
    for offset in range(3):
        coded = base64.b64encode(bytes(offset) + plain)
        first = -(-offset * 8 // 6)
        last = (offset + len(plain)) * 8 // 6
        yield coded[first:last]
        yield coded[first:last].translate(bytes.maketrans(b"+/", b"-_"))


WRITINGS = writings()


def betrayals(data: bytes, where: str) -> list[str]:
    """Where in `data`, or in what is zstd-compressed in it, the person can be recognised. Never says the secret."""
    found = [f"{where}: {what}" for needle, what in WRITINGS.items() if needle in data]
    return found + [line for plain in unfolded(data) for line in betrayals(plain, f"{where}, unfolded")]


def in_files(paths: Iterable[Path]) -> tuple[list[str], int]:
    """Betrayals in names and contents of regular files, and how many were read."""
    found, count = [], 0
    for path in paths:
        named = betrayals(os.fsencode(path.name), f"the name of {path.parent}/…")
        found += named
        if path.is_file() and not path.is_symlink():
            count += 1
            found += betrayals(path.read_bytes(), f"{path.parent}/…" if named else str(path))
    return found, count


def in_process(pid: int) -> list[str]:
    """Command line and environment of a running program."""
    proc = Path("/proc") / str(pid)
    return [line for name in ("cmdline", "environ") for line in betrayals((proc / name).read_bytes(), f"{pid} {name}")]


def unfolded(data: bytes) -> Iterator[bytes]:
    """What is zstd-compressed in `data`, wherever it begins."""
    start = data.find(_ZSTD)
    while start >= 0:
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data[start:])) as reader:
            try:
                yield reader.read(1 << 22)
            except zstandard.ZstdError:
                pass  # four bytes that only looked like a beginning
        start = data.find(_ZSTD, start + 1)


def encoded(secret: str, encoding: str, form: str) -> bytes:
    """For planting: `secret` as a careless program might write it."""
    plain = codecs.encode(secret, encoding)
    return {"plain": plain, "hex": plain.hex().encode(), "base64": base64.b64encode(b"x" + plain)}[form]
