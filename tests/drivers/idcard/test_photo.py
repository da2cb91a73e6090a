"""The hall's own photo decoder: whatever it does, the text is delivered (F05)."""

import base64
import shlex
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import BadConfig
from drivers.idcard.photo import PhotoDecoder
from drivers.idcard.sam import SamReader

pytestmark = pytest.mark.usefixtures("nothing_left")


def decoder_of(tmp_path: Path, program: str) -> str:
    script = tmp_path / "decoder.py"
    script.write_text(program, "utf-8")
    return shlex.join([sys.executable, "-S", "-E", str(script)])


GOOD = """
import sys
raw = sys.stdin.buffer.read()
assert len(raw) == 1024 and raw[:2] == b"WL"
sys.stdout.buffer.write(b"BM" + raw[:20])
"""


async def test_a_decoded_photo_is_delivered(make_reader: Callable[..., SamReader], sam: Any, tmp_path: Path) -> None:
    reader = make_reader(photo_decoder=decoder_of(tmp_path, GOOD))
    await reader.open()
    sam.lay_card()
    record = await reader.read()
    assert base64.b64decode(record.photo).startswith(b"BMWL")
    assert base64.b64decode(record.photo_wlt).startswith(b"WL")
    assert record.warnings == ()
    await reader.close()


async def test_without_it_the_text_comes_and_a_warning(make_reader: Callable[..., SamReader], sam: Any) -> None:
    reader = make_reader(photo_decoder="/no/such/decoder")
    await reader.open()
    sam.lay_card()
    record = await reader.read()
    assert (record.name, record.photo, record.warnings) == ("张测试", "", ("photo_missing",))
    assert record.photo_wlt
    await reader.close()


@pytest.mark.parametrize(
    "program",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import sys; sys.exit(3)",
        "import sys; sys.stdout.write('not a picture')",
        "import sys; sys.stdout.buffer.write(b'BM' + bytes(1024 * 1024))",
        "x = bytearray(96 << 20); print('BM')",
        "",
    ],
    ids=["crash", "fails", "rubbish", "too_much", "memory", "nothing"],
)
async def test_what_a_decoder_may_do_wrong(tmp_path: Path, program: str) -> None:
    assert await PhotoDecoder(decoder_of(tmp_path, program), 10, 64).decode(b"WL" + bytes(1022)) == b""


async def test_one_that_loops_is_killed_with_its_children(
    tmp_path: Path, until: Callable[[Callable[[], bool]], Awaitable[None]]
) -> None:
    pids = tmp_path / "pids"
    program = f"""
import os, time
child = os.fork()
open({str(pids)!r}, "a").write(f"{{os.getpid()}}\\n")
while True:
    pass
"""
    assert await PhotoDecoder(decoder_of(tmp_path, program), 0.8, 64).decode(bytes(1024)) == b""
    written = [int(line) for line in pids.read_text().split()]
    assert len(written) == 2
    await until(lambda: not any(alive(pid) for pid in written))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in "XZ"
    except OSError:
        return False


def test_a_command_that_is_none() -> None:
    with pytest.raises(BadConfig):
        PhotoDecoder("decoder 'unfinished", 1, 64)
