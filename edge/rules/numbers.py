"""Numbers of cases and their papers, made without asking anybody: unique because every part of them is.

`letter? + region6 + site3 + node2 + yyyymmdd + count5 + check1`; no letter: the case; R receipt 回执, N notice 告知,
B refusal 不予收件, H handover 交接单, Z register of results 登记造册,
T complaint 投诉, J suggestion 建议. Written before use: a number is given by the record that carries it. Wider, never
wrapped.
The check character is that of ISO 7064 MOD 37,36 over everything before it, because a number has letters as well:
any one wrong character is found, and nearly every two neighbours that changed places.
"""

import re
from typing import Final, Literal

from edge.rules import busiest
from edge.rules.codes import Code, refusal
from edge.rules.moment import Moment
from edge.rules.state import State

Letter = Literal["", "R", "N", "B", "T", "J", "H", "Z"]
CASE_NUMBERS: Final = "case-numbers"  # frozen while a number of today could not be read

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM: Final = re.compile(r"(?P<letter>[RNBTJHZ]?)[0-9]{11}[0-9]{8}(?P<count>[0-9]{5,})[0-9A-Z]")
_PLACE: Final = re.compile(r"[0-9]{11}")


def check_character(text: str) -> str:
    """ISO 7064 MOD 37,36 of digits and capital letters. Raises ValueError for anything else."""
    product = 36
    for character in text:
        total = (product + _ALPHABET.index(character)) % 36 or 36
        product = 2 * total % 37
    return _ALPHABET[(1 - product) % 36]


def is_number(text: str) -> bool:
    """Whether it has the form of a number and its own check character: what a person typed or a scanner read."""
    return _FORM.fullmatch(text) is not None and check_character(text[:-1]) == text[-1]


def give(state: State, letter: Letter, moment: Moment) -> str:
    """The next number. Refuses where the site has no codes for it, or where today's last number is not known."""
    if CASE_NUMBERS in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    books = moment.books
    place = books.region + books.site_number + books.node
    if not _PLACE.fullmatch(place):
        raise refusal(Code.CASE_NO_NUMBERS)
    count = max(state.case_counters.get(letter, 0), moment.floors.case(state.date, letter)) + 1
    text = f"{letter}{place}{state.date.replace('-', '')}{count:05d}"
    return text + check_character(text)


def given(state: State, number: str) -> None:
    """Fold a number that a record carries. One that cannot be read may be any: none is given before the next day."""
    found = _FORM.fullmatch(number)
    if found is None:
        state.frozen.add(CASE_NUMBERS)
    else:
        letter = found["letter"]
        state.case_counters[letter] = max(state.case_counters.get(letter, 0), int(found["count"]))
        busiest.count(state, f"case:{letter}")
