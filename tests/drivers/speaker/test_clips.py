import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from drivers.contract import Driver, Identifiable, Speaker, Speech
from drivers.errors import Absent, BadConfig, Gone, ServiceDown, Unsupported
from drivers.speaker import syllables
from drivers.speaker.clips import ClipSpeaker
from drivers.speaker.joining import RATE
from drivers.speaker.outputs import AlsaOutput

from .conftest import Ear

Make = Callable[..., ClipSpeaker]
CALL = Speech(
    id="call/A017",
    tokens=tuple("chime pause:250 qing3 letter:A ling2 yi1 qi1 hao4 dao4 san1 hao4 chuang1 kou3".split()),  # noqa: SIM905
    text="请A017号到3号窗口",
)
SHORT = Speech(id="s", tokens=("hao4",), text="号", repeat=1)


def heard(folder: Path) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(file.read_text("utf-8")) for file in sorted((folder / "sound").glob("*.json"))]


async def test_what_the_contract_asks(speaker: Make) -> None:
    for capability in (Driver, Speaker, Identifiable):
        assert isinstance(speaker(), capability)


async def test_a_call_in_a_folder(speaker: Make, ear: Ear, tmp_path: Path) -> None:
    device = speaker()
    await device.open()
    assert (await device.check()).state == "ready"
    await device.say(CALL)
    (entry,) = heard(tmp_path)
    assert entry["tokens"] == list(CALL.tokens)
    assert [one["token"] for one in entry["timeline"]][:4] == ["chime", "qing3", "letter:A", "ling2"]
    assert entry["heard"] == entry["seconds"] == pytest.approx(ear.slept[0], abs=0.001)
    samples, rate = soundfile.read(tmp_path / "sound" / entry["wav"])
    assert rate == RATE
    assert samples.size / rate == pytest.approx(entry["seconds"], abs=0.001)
    for one in entry["timeline"]:
        part = samples[round(one["start"] * rate) : round(one["end"] * rate)]
        assert 20 * np.log10(np.sqrt(np.mean(part**2))) == pytest.approx(-20, abs=1), one["token"]
    assert entry["wav"] == "000001-call_A017.wav"
    assert not list((tmp_path / "sound").glob(".*"))


@pytest.mark.parametrize(
    ("language", "tokens"),
    [
        ("en", ("ticket", "letter:B", "zero", "counter")),
        ("yue", ("cing2", "letter:B", "saam1", "hou6")),
        ("zh", ("xing4",)),
    ],
)
async def test_languages_and_what_speaker_b_lacks(
    speaker: Make, tmp_path: Path, language: str, tokens: tuple[str, ...]
) -> None:
    device = speaker()
    await device.open()
    await device.say(Speech(id="x", tokens=tokens, text="", language=language, repeat=1))
    (entry,) = heard(tmp_path)
    assert [one["token"] for one in entry["timeline"]] == list(tokens)
    assert all(0.15 < one["end"] - one["start"] < 1.2 for one in entry["timeline"])


async def test_one_after_the_other(speaker: Make, ear: Ear, tmp_path: Path) -> None:
    device = speaker()
    await device.open()
    await asyncio.gather(device.say(SHORT), device.say(SHORT.model_copy(update={"id": "t"})))
    assert [(entry["id"], entry["wav"]) for entry in heard(tmp_path)] == [("s", "000001-s.wav"), ("t", "000002-t.wav")]


async def test_cancelling_says_how_much_was_heard(speaker: Make, ear: Ear, tmp_path: Path) -> None:
    device = speaker()
    await device.open()
    ear.holding = True
    saying = asyncio.ensure_future(device.say(CALL))
    await asyncio.wait_for(ear.began.wait(), 30)
    assert heard(tmp_path)[0]["heard"] is None
    assert (await device.check()).state == "busy"
    ear.now += 1.25
    saying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saying
    assert heard(tmp_path)[0]["heard"] == 1.25


async def test_own_recordings_win_and_a_new_one_is_heard_after_restart(speaker: Make, tmp_path: Path) -> None:
    own = tmp_path / "own" / "zh" / "hao4.wav"
    own.parent.mkdir(parents=True)
    for seconds in (0.8, 1.6):
        soundfile.write(own, np.sin(np.arange(int(8000 * seconds)) / 3), 8000)
        device = speaker(recordings="own")
        await device.open()
        await device.say(SHORT)
        assert heard(tmp_path)[-1]["timeline"][0]["end"] == pytest.approx(seconds + 0.04, abs=0.01)


async def test_the_cache_spares_the_synthesis(speaker: Make, tmp_path: Path) -> None:
    letter = SHORT.model_copy(update={"tokens": ("letter:A",)})
    first = speaker()
    await first.open()
    await first.say(letter)
    second = speaker(espeak="no-such-program")
    await second.open()
    await second.say(letter)
    assert len(heard(tmp_path)) == 2


async def test_what_to_install_is_said(speaker: Make, tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="install gcin-voice"):
        await speaker(gcin=str(tmp_path / "none"), espeak="no-such-program").open()
    device = speaker(espeak="no-such-program")
    await device.open()
    health = await device.check()
    assert (health.state, health.detail) == ("warning", "not installed: espeak-ng")
    with pytest.raises(Unsupported, match="espeak-ng"):
        await device.say(CALL)
    await device.say(SHORT)


async def test_a_failing_espeak(speaker: Make) -> None:
    device = speaker(espeak="false")
    await device.open()
    with pytest.raises(ServiceDown):
        await device.say(CALL)


@pytest.mark.parametrize("token", ["--help", "letter:a", "../../etc/passwd", "letter:AB", "QING3"])
async def test_no_other_names_reach_files_or_programs(speaker: Make, token: str) -> None:
    device = speaker()
    await device.open()
    with pytest.raises(Unsupported, match="no such clip"):
        await device.say(Speech(id="x", tokens=(token,), text=""))


async def test_volume(speaker: Make, tmp_path: Path) -> None:
    device = speaker(volume=50)
    await device.open()
    await device.say(SHORT)
    samples, _ = soundfile.read(tmp_path / "sound" / heard(tmp_path)[0]["wav"])
    assert 20 * np.log10(np.sqrt(np.mean(samples**2))) < -30


async def test_identify_is_one_chime(speaker: Make, tmp_path: Path) -> None:
    device = speaker()
    await device.open()
    await device.identify(5)
    assert [one["token"] for one in heard(tmp_path)[0]["timeline"]] == ["chime"]


async def test_the_folder_keeps_the_newest_only(speaker: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.speaker.outputs._KEPT_FILES", 3)
    device = speaker()
    await device.open()
    for _ in range(5):
        await device.say(SHORT)
    names = sorted(file.name for file in (tmp_path / "sound").iterdir())
    assert names == [f"00000{n}-s.{ending}" for n in (3, 4, 5) for ending in ("json", "wav")]


async def test_the_folder_is_gone(speaker: Make, tmp_path: Path) -> None:
    device = speaker()
    await device.open()
    (tmp_path / "sound").rmdir()
    with pytest.raises(Gone):
        await device.say(SHORT)


async def test_a_link_without_sound(speaker: Make, tmp_path: Path) -> None:
    with pytest.raises(BadConfig):
        speaker("alsa:")


# --- aplay -----------------------------------------------------------------------------------------------------------


def program(folder: Path, text: str) -> str:
    file = folder / "player"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


async def test_the_player_gets_the_device_and_a_whole_wav(tmp_path: Path) -> None:
    player = program(tmp_path, f'echo "$@" > {tmp_path}/arguments; cp "$4" {tmp_path}/played.wav')
    samples = np.sin(np.arange(4410) / 10).astype(np.float32)
    await AlsaOutput("default", tmp_path, 1.0, player).play(SHORT, samples, ())
    assert (tmp_path / "arguments").read_text().split()[:3] == ["-q", "-D", "default"]
    assert soundfile.info(tmp_path / "played.wav").frames == 4410


async def test_cancelling_ends_the_player(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "started")
    player = program(tmp_path, f"echo $$ > {tmp_path}/started; exec sleep 60")
    output = AlsaOutput("default", tmp_path, 1.0, player)
    playing = asyncio.ensure_future(output.play(SHORT, np.zeros(10, dtype=np.float32), ()))
    pid = int(await asyncio.wait_for(asyncio.to_thread((tmp_path / "started").read_text), 5))
    os.kill(pid, 0)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("complaint", "error"),
    [("ALSA lib: cannot find card '0'", Absent), ("audio open error: Device or resource busy", ServiceDown)],
)
async def test_the_players_trouble(tmp_path: Path, complaint: str, error: type[Exception]) -> None:
    player = program(tmp_path, f'echo "{complaint}" >&2; exit 1')
    with pytest.raises(error, match=complaint[-10:]):
        await AlsaOutput("default", tmp_path, 1.0, player).play(SHORT, np.zeros(10, dtype=np.float32), ())


def test_a_wav_is_whole_or_not_there(tmp_path: Path) -> None:
    syllables.write_wav(tmp_path / "a.wav", np.zeros(100, dtype=np.float32))
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]
