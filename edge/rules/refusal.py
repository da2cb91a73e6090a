"""A decision not taken: why, who can, and what to do instead. Shown in words from `config/words/*/refusal.toml`."""

from typing import Literal

Who = Literal["citizen", "clerk", "guide", "manager", "technician", "centre", "nobody"]


class Refusal(Exception):
    """`code` is the word-list key (`<code>.citizen`, `<code>.clerk`, `<code>.technician`); `values` fill its places."""

    def __init__(self, code: str, *, who_can: Who = "nobody", instead: str = "", **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.who_can = who_can
        self.instead = instead
        self.values = values
