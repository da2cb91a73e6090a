"""The peers do their work, else a comparison with them says nothing."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bench.peers.call_loop import HEIGHT, WIDTH, panel_frame, take_frames
from bench.peers.outbox import Outbox
from bench.peers.plain_table import PlainTable
from bench.peers.queues import KINDS
from bench.topics import call
from hw_sim.hall485.frames import Frame
from hw_sim.onbon6e.card import Card
from hw_sim.onbon6e.frames import FrameParser
from hw_sim.onbon6e.panel import Panel


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=WIDTH * HEIGHT // 8, max_size=WIDTH * HEIGHT // 8))
def test_a_card_shows_what_the_peer_drew(dots: bytes) -> None:
    picture = Image.frombytes("1", (WIDTH, HEIGHT), dots)
    panel = Panel(WIDTH, HEIGHT)
    card = Card(panel)
    (body,) = FrameParser().feed(panel_frame(picture))
    assert card.answer(body, 0.0) is not None
    assert (card.counts.updates, card.last_error) == (1, "")
    assert panel.pixels(1.0) == bytes(lamp // 255 for lamp in picture.convert("L").tobytes())


REPORTS = st.lists(st.tuples(st.integers(1, 127), st.binary(min_size=1, max_size=7)), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(REPORTS, st.integers(1, 9))
def test_the_loop_hears_every_report_however_it_is_cut(reports: list[tuple[int, bytes]], size: int) -> None:
    sent = b"".join(Frame(address, 1, data).encode() for address, data in reports)
    heard, found = bytearray(), []
    for place in range(0, len(sent), size):
        heard += sent[place : place + size]
        found += take_frames(heard)
    assert found == reports


def test_a_ruined_frame_costs_only_itself() -> None:
    good = Frame(3, 1, b"\x0c").encode()
    ruined = good[:-2] + b"\x00\x16"
    too_long = b"\xff\x68\xf0\xf0\x68"
    assert take_frames(bytearray(ruined + too_long + good)) == [(3, b"\x0c")]


async def test_the_loop_calls_at_the_right_window_and_keeps_it(tmp_path: Path) -> None:
    async with call._peers(tmp_path, 2) as side:
        first, second = side.windows
        idle = second.shows
        made = await first.press("call")
        assert made.sent == 1
        assert made.spent > made.wire == pytest.approx(10 * 10 / 9600)
        assert second.shows == idle
        async with asyncio.timeout(30):
            await first.keypad.changed.until(lambda: first.keypad.display == "   001")
        await second.press("call")
        assert second.shows != first.shows
    rows = sqlite3.connect(tmp_path / "turns.db").execute("SELECT window, what, number FROM turns").fetchall()
    assert rows == [(1, "call", 1), (2, "call", 2)]


def test_a_plain_table_keeps_what_it_answered(tmp_path: Path) -> None:
    table = PlainTable(tmp_path / "peer.db")
    for n in range(3):
        table.append(f"c:{n}", b"record %d" % n)
    assert table.count() == 3
    with pytest.raises(sqlite3.IntegrityError):
        table.append("c:1", b"again")
    table.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_waits_comes_once_in_order_until_it_is_done(tmp_path: Path, kind: str) -> None:
    raws = [b'{"n":%d}' % n for n in range(5)]
    waiting = KINDS[kind](str(tmp_path / "waiting"))
    waiting.put(raws)
    first = waiting.take(2)
    assert [raw for _, raw in first + waiting.take(9)] == raws
    waiting.done([row for row, _ in first])
    assert waiting.take(9) == []
    waiting.close()


def test_what_was_not_done_is_sent_again_by_the_hand_written_table(tmp_path: Path) -> None:
    outbox = Outbox(str(tmp_path / "outbox.db"))
    outbox.put([b"a", b"b"])
    outbox.done([row for row, raw in outbox.take(9) if raw == b"a"])
    outbox.close()
    again = Outbox(str(tmp_path / "outbox.db"))
    assert [raw for _, raw in again.take(9)] == [b"b"]
    again.close()
