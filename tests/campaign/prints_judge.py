"""Judges what lies under a printer: only the paper, the journal's word on each print, and what people decided.

Knows nothing of the driver, the rules or the reactions.
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.words import load

AGAIN = load("zh-Hans", "ticket")["reprint"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of paper that fell: its numbers, whether it is marked as a reprint, and whether it is whole."""

    numbers: tuple[str, ...]
    again: bool
    whole: bool
    errors: tuple[str, ...]


@dataclass(slots=True)
class Wish:
    """One number: how its first print and its reprints ended (done, failed, unknown), as the journal has it."""

    number: str
    first: str
    reprints: list[str] = field(default_factory=list)

    @property
    def ends(self) -> tuple[tuple[bool, list[str]], ...]:
        """Marked as a reprint or not: how those prints ended."""
        return (False, [self.first]), (True, self.reprints)


def pieces(folder: Path, last_line: str) -> list[Piece]:
    """`last_line`: the text that ends every ticket."""
    return [_piece(json.loads(path.read_text("utf-8")), last_line) for path in sorted(folder.glob("*.json"))]


def _piece(fallen: dict[str, Any], last_line: str) -> Piece:
    texts = [line for line in fallen["lines"] if line["kind"] == "text"]
    numbers = tuple(line["text"].strip() for line in texts if line.get("size", [0, 0])[1] == 6)
    words = [line["text"].strip() for line in texts]
    return Piece(numbers, AGAIN in words, bool(numbers) and last_line in words[-1:], tuple(fallen["errors"]))


def judge(wishes: Collection[Wish], fallen: Sequence[Piece]) -> list[str]:
    """Every promise that was broken, in words; empty = none."""
    found = [f"one piece with two tickets: {piece.numbers}" for piece in fallen if len(piece.numbers) > 1]
    # One that broke off may end in stray bytes; nobody was told that it is fine.
    fine = {(wish.number, again) for wish in wishes for again, ends in wish.ends if set(ends) == {"done"}}
    found += [
        f"done, but with garbage: {piece.numbers} {piece.errors}"
        for piece in fallen
        if piece.whole and piece.errors and (piece.numbers[0], piece.again) in fine
    ]
    whole = Counter((piece.numbers[0], piece.again) for piece in fallen if piece.whole)
    any_of = Counter((piece.numbers[0], piece.again) for piece in fallen if piece.numbers)
    known = set()
    for wish in wishes:
        known.add(wish.number)
        found += _of_first(wish, whole[wish.number, False], any_of[wish.number, False])
        found += _of_reprints(wish, whole[wish.number, True])
    found += [f"{number} fell and was never asked for" for number, _ in any_of if number not in known]
    return found


def _of_first(wish: Wish, whole: int, pieces_of_it: int) -> list[str]:
    if wish.first == "done" and (whole, pieces_of_it) != (1, 1):
        return [f"{wish.number} is done, but {whole} whole of {pieces_of_it} pieces fell"]
    if wish.first == "failed" and pieces_of_it:
        return [f"{wish.number} failed, but {pieces_of_it} pieces fell"]
    return [f"{wish.number} fell {whole} times without a person's wish"] if whole > 1 else []


def _of_reprints(wish: Wish, whole: int) -> list[str]:
    ends = Counter(wish.reprints)
    if whole < ends["done"]:
        return [f"{wish.number}: {ends['done']} reprints are done, {whole} fell"]
    if whole > ends["done"] + ends["unknown"]:
        return [f"{wish.number}: {whole} reprints fell, {len(wish.reprints)} were wished: {dict(ends)}"]
    return []
