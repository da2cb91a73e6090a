"""A paper of a case: printed before its receipt, with it, or after it."""

from typing import Literal

from edge.rules.part import Part, PrintState


class CasePaper(Part):
    """A receipt or notice that may be printed again. `number` is its own, not the case's."""

    what: Literal["receipt", "notice"]
    number: str
    print: PrintState = "none"
    print_job: str = ""
    print_code: str = ""
    copies: int = 0
