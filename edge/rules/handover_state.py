"""A batch between two pairs of hands, as its records add up."""

from pydantic import Field

from edge.rules.handover_records import Difference, Sheet
from edge.rules.part import Part


class Batch(Part):
    """`signer` '' while nobody signed for it. `differences`: not settled yet. `incoming`: it came to this site."""

    uid: str
    sheet: Sheet
    sealed_at: str = ""
    signer: str = ""
    signed_at: str = ""
    incoming: bool = False
    differences: list[Difference] = Field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return bool(self.signer) and not self.differences
