"""Every word that the page can meet stands in both languages."""

import json
import re
from pathlib import Path

from hw_sim.box import diary
from hw_sim.box.server import STATIC
from hw_sim.faults import FaultWord
from hw_sim.hall485.keypad import KEYS
from hw_sim.hall485.pad import PROMPTS

WORDS = json.loads((STATIC / "words.json").read_text("utf-8"))
PLACE = re.compile(r"\{(\w+)\}")


def test_both_languages_have_the_same_words_and_places() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    for key, text in WORDS["zh"].items():
        assert text.strip()
        assert set(PLACE.findall(text)) == set(PLACE.findall(WORDS["en"][key])), key


def test_faults_keys_and_states_have_words() -> None:
    wanted = {f"fault_{word}" for word in FaultWord} | {f"key_{key}" for key in KEYS}
    wanted |= {f"pad_says_{state}" for state in (*PROMPTS.values(), "sent")}
    wanted |= {f"log_pad_{state}" for state in (*PROMPTS.values(), "sent")}
    assert wanted <= WORDS["zh"].keys()


def test_every_event_of_the_log_has_words() -> None:
    text = Path(diary.__file__).read_text("utf-8")
    events = {f"log_{name}" for name in re.findall(r'(?:yield|else|\() "?"([a-z_]+)"(?:, \{| if| else)', text)}
    assert {"log_printed", "log_said", "log_collision"} <= events
    assert events <= WORDS["zh"].keys()


def test_the_page_asks_for_no_word_that_is_not_there() -> None:
    asked = {
        word
        for path in STATIC.glob("*.js")
        for word in re.findall(r'(?:both|say)\("([a-z0-9_]+)"', path.read_text("utf-8"))
    }
    assert len(asked) > 30
    assert asked <= WORDS["zh"].keys()
