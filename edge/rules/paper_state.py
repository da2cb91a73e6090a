"""Security paper of one kind at this site: every serial is in stock, used or spoiled."""

from pydantic import Field

from edge.rules.part import Part


class Run(Part):
    """Serials in stock, `first` and `last` included."""

    first: int
    last: int


class Stock(Part):
    """`came`, `used`, `spoiled` count sheets since the first delivery; what is in `runs` is left."""

    kind: str
    runs: list[Run] = Field(default_factory=list)
    high: list[Run] = Field(default_factory=list)  # every serial that ever came
    came: int = 0
    used: int = 0
    spoiled: int = 0

    @property
    def left(self) -> int:
        return sum(run.last - run.first + 1 for run in self.runs)
