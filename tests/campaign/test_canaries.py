"""Proof that the search for invented people finds what is planted; `./hall campaign --canaries N` uses it on a hall."""

import base64
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from urllib.parse import quote

import apsw
import pytest
import zstandard

from tests.campaign.canaries.crowd import SECRETS, crowd
from tests.campaign.canaries.search import Search

PEOPLE = crowd(30, 7)
SEARCH = Search(PEOPLE)

Form = Callable[[bytes], bytes]
FORMS: dict[str, Form] = {
    "plain": lambda plain: plain,
    "hex": lambda plain: plain.hex().encode(),
    "HEX": lambda plain: plain.hex().upper().encode(),
    "hex dump": lambda plain: plain.hex(" ").encode(),
    "base64": base64.b64encode,
    "base64, one later": lambda plain: base64.b64encode(b"x" + plain),
    "base64, two later": lambda plain: base64.urlsafe_b64encode(b"xy" + plain + b"z"),
    "base64 in lines": lambda plain: base64.encodebytes(b"some text before it " * 9 + plain + b" and after" * 9),
    "percent": lambda plain: quote(plain).encode(),
    "zstd": lambda plain: zstandard.compress(b"{" + plain + b"}"),
    "gzip": lambda plain: gzip.compress(b"{" + plain + b"}"),
    "zlib": lambda plain: zlib.compress(b"{" + plain + b"}"),
    "zstd in gzip": lambda plain: gzip.compress(zstandard.compress(plain)),
}
ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_search_finds_what_is_planted(form: str, encoding: str) -> None:
    random = Random(form + encoding)
    for what in SECRETS:
        person = random.choice(PEOPLE)
        written = FORMS[form](person.texts[what].encode(encoding))
        data = random.randbytes(random.randrange(200)) + b"\n" + written + b"\n" + random.randbytes(99)
        assert any(one.startswith(f"{what} of person {person.n}") for one in SEARCH.found_in(data)), what


@pytest.mark.parametrize("escaped", [lambda text: text.encode("ascii", "backslashreplace"),
                                     lambda text: text.encode("ascii", "xmlcharrefreplace")])  # fmt: skip
def test_the_search_finds_escapes(escaped: Callable[[str], bytes]) -> None:
    assert SEARCH.found_in(b"..." + escaped(PEOPLE[3].name) + b"...") == {"name of person 3"}


@pytest.mark.parametrize("what", [what for what in SECRETS if what != "phone"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_search_finds_what_a_page_of_a_database_cuts_in_two(what: str, encoding: str, tmp_path: Path) -> None:
    """Long values go on in overflow pages, each with four bytes of its own before them; every place of the cut."""
    needle = PEOPLE[5].texts[what].encode(encoding)
    if len(needle) < 12:
        pytest.skip("looked for as a whole: its half would be found everywhere")
    db = apsw.Connection(str(tmp_path / "cut.db"))
    db.pragma("page_size", 512)
    db.pragma("secure_delete", "ON")  # an earlier, whole one would be found in a free page
    db.execute("CREATE TABLE t(x BLOB)")
    cuts = 0
    for shift in range(0, 508, 5):
        db.execute("DELETE FROM t")
        db.execute("INSERT INTO t VALUES(?)", (b"." * (1000 + shift) + needle + b"." * 1000,))
        raw = (tmp_path / "cut.db").read_bytes()
        cuts += needle not in raw
        assert f"{what} of person 5" in SEARCH.found_in(raw)
    db.close()
    assert cuts > 0, "some were really cut"
