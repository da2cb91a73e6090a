from pathlib import Path

import pytest
from pydantic import ValidationError

import config
from hw_sim.hall import SimulatedHall
from hw_sim.scene import CPowerDevice, Scene, SceneError, load_scene

STATION = Path(config.__file__).parent / "scenes" / "station.yaml"


def written(folder: Path, text: str) -> Path:
    path = folder / "scene.yaml"
    path.write_text(text, "utf-8")
    return path


def mistake(folder: Path, text: str) -> str:
    with pytest.raises(SceneError) as wrong:
        load_scene(written(folder, text))
    return str(wrong.value)


@pytest.mark.parametrize("path", sorted(STATION.parent.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_scene_is_right(path: Path) -> None:
    assert load_scene(path).devices


@pytest.mark.parametrize("path", sorted(STATION.parent.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_scene_can_be_built(path: Path, tmp_path: Path) -> None:
    assert SimulatedHall(load_scene(path), tmp_path).simulators


def test_the_station_has_the_devices_of_its_site() -> None:
    scene = load_scene(STATION)
    names = {name for device in scene.devices for name in device.ids()}
    assert {"sam-1", "printer-1", "rs485-1", "keypad-1", "pad-1", "led-1", "led-2", "speaker-1"} <= names
    assert {card.id for card in scene.cards} >= {"card-1", "card-2"}


def test_a_wrong_value_is_named_with_its_line(tmp_path: Path) -> None:
    text = 'scene: "s"\ndevices:\n  - {id: "led-1", sim: "onbon6e", width: 192, height: 64}\n'
    text += '  - id: "printer-1"\n    sim: "escpos"\n    width: 500\n'
    assert mistake(tmp_path, text) == "scene.yaml:6: devices.1.width: Input should be 576 or 384"


def test_several_mistakes_are_all_told(tmp_path: Path) -> None:
    text = 'scene: "s"\ndevices:\n  - {id: "sam-1", sim: "sam", baud: 1200}\n  - {id: "X", sim: "speaker"}\n'
    lines = mistake(tmp_path, text).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["devices.0.baud", "devices.1.id"]
    assert [line.split(":")[1] for line in lines] == ["3", "4"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("devices: [", "not YAML"),
        ("just a text", "scene: Input should be a valid dictionary"),
        ('scene: "s"\ndevices:\n  - {id: "a", sim: "fax"}', "'fax'"),
        ('scene: "s"\ndevices:\n  - {id: "a", sim: "speaker", volume: 3}', "volume: Extra inputs"),
        (
            'scene: "s"\ndevices:\n  - {id: "a", sim: "speaker"}\n  - {id: "a", sim: "sam"}',
            "device id 'a' stands there twice",
        ),
        (
            'scene: "s"\ndevices:\n  - {id: "a", sim: "hall485", stations: [{keypad: "k", address: 1},'
            ' {keypad: "l", address: 1}]}',
            "two keypads have the address 1",
        ),
        ('scene: "s"\ndevices:\n  - {id: "a", sim: "hall485", stations: [{address: 1}]}', "a keypad, a pad or a strip"),
        ('scene: "s"\ndevices: []\ntroubles:\n  - {at: 1, device: "x", fault: "silent"}', "no device 'x'"),
        ('scene: "s"\ndevices: []\ntroubles:\n  - {at: 1, device: "x", fault: "fire"}', "scene.yaml:4"),
        ('scene: "s"\ndevices:\n  - {id: "a", sim: "sam", number: "5"}', "SAM number '5'"),
    ],
)
def test_mistakes_are_told_in_clear_words(tmp_path: Path, text: str, says: str) -> None:
    assert says in mistake(tmp_path, text)


def test_pads_of_dialect_b_answer_128_higher() -> None:
    scene = Scene.model_validate(
        {
            "scene": "s",
            "devices": [
                {
                    "id": "line",
                    "sim": "hall485",
                    "stations": [{"keypad": "k", "pad": "p", "address": 3, "dialect": "b"}],
                }
            ],
        }
    )
    (line,) = scene.devices
    assert line.sim == "hall485"
    assert line.stations[0].pad_address == 0x83


def panel(**more: object) -> dict[str, object]:
    return {"id": "led-1", "width": 192, "height": 48, **more}


@pytest.mark.parametrize(
    ("device", "says"),
    [
        (panel(sim="onbon6e", device_type=0x0155), "device type 0x155"),
        (panel(sim="onbon5k", device_type=0x52), "device type 0x52"),
        (panel(sim="onbon5k", baud=4800), "57600"),
        (panel(sim="cpower", baud=1200), "speaks at one of 115200"),
        (panel(sim="cpower", code="FFFFFFFF"), "pattern"),
        (panel(sim="cpower", card=255), "254"),
        ({"id": "pad-1", "sim": "tablet", "url": "http://127.0.0.1/", "window": "1"}, "pattern"),
        ({"id": "pad-1", "sim": "tablet", "url": "ws://127.0.0.1/"}, "Field required"),
        ({"id": "l", "sim": "hall485", "stations": [{"strip": id, "address": 1} for id in "ab"]}, "two strips"),
        ({"id": "l", "sim": "hall485", "stations": [{"strip": "l", "address": 1}]}, "twice"),
    ],
)  # fmt: skip
def test_panels_strips_and_tablets_that_do_not_exist(device: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Scene.model_validate({"scene": "s", "devices": [device]})


def test_a_card_frames_as_its_wire_is() -> None:
    devices = [
        panel(sim="cpower", id="a"),
        panel(sim="cpower", id="b", wire="pty"),
        panel(sim="cpower", id="c", framing="serial"),
    ]
    scene = Scene.model_validate({"scene": "s", "devices": devices})
    assert [device.speaks for device in scene.devices if isinstance(device, CPowerDevice)] == [
        "network",
        "serial",
        "serial",
    ]
