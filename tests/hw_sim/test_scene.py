from pathlib import Path

import pytest

import config
from hw_sim.hall import SimulatedHall
from hw_sim.scene import Scene, SceneError, load_scene

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
        ('scene: "s"\ndevices:\n  - {id: "a", sim: "hall485", stations: [{address: 1}]}', "a keypad, a pad, or both"),
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
