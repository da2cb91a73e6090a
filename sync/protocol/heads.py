"""Heads of a HELLO (protocol page, section 4): few seqs whose hashes let the centre find the common past."""

from typing import Final

MOST: Final = 48


def head_seqs(next_seq: int, floor: int) -> list[int]:
    """Seqs for `heads`: next-1, then 1, 2, 4, 8 … below it while above floor-1, last floor-1."""
    newest, last = next_seq - 1, floor - 1
    if newest <= last:
        return [last]
    seqs, below = [newest], 1
    while newest - below > last and len(seqs) < MOST - 1:
        seqs.append(newest - below)
        below *= 2
    return [*seqs, last]
