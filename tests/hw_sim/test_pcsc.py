"""The virtual reader behind a real pcscd with vpcd, asked by pyscard; in a network and mount namespace of its own."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.support.own_mounts import unshared

ROOT = Path(__file__).parents[2]
CONTACT, CONTACTLESS = "3B0453534331", "3B888001000000000000000009"
NUMBER, NAME = b"119999199001010012".hex(), "张测试".encode("gbk").hex()


async def seen(folder: Path) -> dict[str, object]:
    own = unshared()
    command = [*own, sys.executable, "-m", "tests.hw_sim.pcsc_host", str(folder)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, (folder / "pcscd.log").read_text("utf-8")
    return json.loads(said)


async def test_cards_of_every_kind_behind_a_real_pcscd(tmp_path: Path) -> None:
    got = await seen(tmp_path)
    assert got["without a card"] == "NoCardException"
    cards = {id: got[id] for id in ("first", "second", "third", "bank")}
    assert {id: (card["atr"], card["select"]) for id, card in cards.items()} == {
        "first": (CONTACT, "9000"),
        "second": (CONTACTLESS, "9000"),
        "third": (CONTACTLESS, "9000"),
        "bank": (CONTACT, "6A82"),
    }
    assert list(cards["first"]["06"]) == ["08", "09", "0A", "0B", "0C", "0D", "record 7"]
    assert list(cards["second"]["06"]) == ["08", "09", "4E", "0A", "0B", "0C", "0D", "record 8"]
    assert set(cards["third"]["06"].values()) == {"6982", "6A83"}
    for id in ("first", "second"):
        assert (cards[id]["06"]["08"], cards[id]["06"]["09"]) == (NUMBER, NAME)
        assert cards[id]["05"]["07"] == b"TEST00001".hex()
    assert {card["pin_tries"] for card in cards.values()} == {3}
    assert got["pulled"] == "CardConnectionException"
    assert str(got["mute"]).startswith("NoCardException")  # vpcd takes a card without an ATR for no card
    assert got["apdu_us"] == pytest.approx(0, abs=20_000)  # 44 ms without quick acknowledgement
