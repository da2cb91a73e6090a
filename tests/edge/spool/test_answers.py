"""What crossed into the hall becomes commands of the gateway, each once, also after a crash."""

import json
from pathlib import Path

from edge.clock import iso
from edge.engine import Engine
from edge.rules.commands import CallNext, FinishService, StartService
from edge.spool.answers import Answers
from sync.protocol import canonical
from tests.edge.engine.conftest import CLOCK, ZONE, hall, issue, open_hall


async def asked(engine: Engine) -> str:
    """The nonce of one finished turn."""
    await open_hall(engine)
    for n, command in enumerate([issue(), *(verb(window="w1") for verb in (CallNext, StartService, FinishService))]):
        await engine.execute(command, id=f"c:{n}", actor="kiosk:k1" if n == 0 else "keypad:w1")
    (question,) = engine.state.questions.values()
    return question.nonce


def laid(data: Path, *items: dict, n: int = 1) -> None:
    folder = data / "spool" / "accepted"
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"n": n, "from": "outer-1", "hash": f"{n:064d}", "items": list(items)}
    (folder / f"{n:08d}.json").write_bytes(canonical.encode(whole))


def given(nonce: str, kind: str = "rating.give", level: str = "dissatisfied") -> dict:
    body = {"level": level, "reasons": ["took_long"]}
    return {"kind": kind, "v": 1, "subject": nonce, "at": iso(CLOCK.now_ms(), ZONE), "body": body}


async def test_an_answer_from_outside_counts_once(tmp_path: Path) -> None:
    async with hall(tmp_path / "j") as engine:
        nonce = await asked(engine)
        desk = Answers(engine, tmp_path)
        assert await desk.look() == 0
        laid(tmp_path, given(nonce), given(nonce, level="satisfied"), given(nonce) | {"text": "张测试"})
        assert await desk.look() == 1
        assert engine.state.questions[nonce].state == "given"
        seq = engine.state.seq
        (tmp_path / "spool" / "done" / "00000001.json").replace(tmp_path / "spool" / "accepted" / "00000001.json")
        assert await desk.look() == 1
        assert (engine.state.seq, await desk.look()) == (seq, 0)
    async with hall(tmp_path / "j") as engine:
        assert engine.state.questions[nonce].state == "given"


async def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    async with hall(tmp_path / "j") as engine:
        nonce = await asked(engine)
        laid(tmp_path, given(nonce), n=2)
        (tmp_path / "spool" / "accepted" / "00000001.json").write_text(json.dumps([]))
        assert await Answers(engine, tmp_path).look() == 2
        assert engine.state.questions[nonce].state == "given"
