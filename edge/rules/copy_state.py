"""Free pages of the business day as far as they are used."""

from edge.rules.copy_records import CopyKind
from edge.rules.part import Part, PrintState


class Copies(Part):
    """One print. While it is `printing` all its pages count; then `came` for the person, `unsure` too for the hall."""

    kind: CopyKind
    kiosk: str
    account: str
    pages: int
    job: str
    date: str
    print: PrintState = "printing"
    came: int = 0
    unsure: int = 0
    code: str = ""

    @property
    def charged(self) -> int:
        return self.pages if self.print == "printing" else self.came

    @property
    def paper(self) -> int:
        return self.pages if self.print == "printing" else self.came + self.unsure
