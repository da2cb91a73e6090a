"""Whatever ends a pairing is a sentence, in each language, with every place in it filled."""

import re
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

import edge.pairing
from config.words import LANGUAGES, load
from edge.cli import app
from edge.pairing import cli, wire
from edge.pairing.opening import State

SOURCES = "".join(path.read_text("utf-8") for path in Path(edge.pairing.__file__).parent.glob("*.py"))
RAISED = set(re.findall(r'(?:NotPaired|BadIdentity|BadAuthority|BadRequest|PairingError)\("([a-z_]+)"', SOURCES))
ASKED = set(re.findall(r'"refused": "([a-z_]+)"', SOURCES)) | {"no_hosts", "bad_place"}
VALUES = {"left": 2, "problem": "x", "mode": "0644"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_end_has_its_sentence(language):
    words = load(language, "technician")
    assert len(RAISED) > 12
    for why in RAISED | ASKED | set(get_args(wire.Why)):
        assert words.say(f"pair.why.{why}", **VALUES)
    for state in set(get_args(State)) - {"open"}:
        assert words.say(f"pair.ended.{state}", serial="AA")


def test_what_the_hall_sees_is_said_in_sentences(capsys):
    for answer in (
        {"digits": "012345", "seconds": 300, "listen": "0.0.0.0:8689"},
        {"state": "open", "left": 2},
        {"state": "used", "left": 2, "serial": "AB12"},
        {"state": "expired", "left": 3},
        {"state": "tries", "left": 0},
    ):
        cli._print_opening(answer)
    said = capsys.readouterr().out
    assert "012 345" in said
    assert "AB12" in said
    assert len(said.splitlines()) == 6


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("hall.example", ("hall.example", 8689)),
        ("192.0.2.1:9000", ("192.0.2.1", 9000)),
        ("2001:db8::1", ("2001:db8::1", 8689)),
        ("[2001:db8::1]:9000", ("2001:db8::1", 9000)),
        ("[2001:db8::1]", ("2001:db8::1", 8689)),
    ],
)
def test_where_the_hall_is(text, address):
    assert cli._host_and_port(text) == address


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["pair", "join", "127.0.0.1:1", "--digits", "123456"], 1, "No hall answers"),
        (["pair", "join", "127.0.0.1:1", "--digits", "12345"], 2, "Six digits"),
        (["pair", "show", "--identity", "nowhere"], 1, "belongs to no hall"),
        (["pair", "list", "--runtime", "nowhere"], 1, "does not answer"),
        (["pair", "open", "--place", "w3", "--role", "manager"], 2, "devices, screens"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_thrown(words, code, text):
    answer = CliRunner().invoke(app, ["--lang", "en", *words])
    assert answer.exit_code == code
    assert text in " ".join(answer.output.replace("│", " ").split())
