"""Record kinds of the reuse list (信息共享复用): what is held of an applicant, used again, or asked for after all.

The subject is the case. What is held is a material of the case or a field (信息项) of its item; the value itself, a
number of a licence or an address, is sealed beside the offer under the case's key.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from edge.rules.about import About
from edge.rules.body import Body

ReuseSource = Literal["base", "case"]  # 基础库, 以前的办件
_DATE: Final = r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$"
DeclineWhy = Literal["wrong", "outdated", "unwilling"]


class HeldLine(Body):
    """`what`: id of a material or field. `issued`: date of it, `until`: its last day; '' = not known, none."""

    what: str
    source: ReuseSource
    issued: Annotated[str, Field(pattern=_DATE)] = ""
    until: Annotated[str, Field(pattern=_DATE)] = ""


class ReuseOffered(Body):
    """`origin`: code of the library as the centre names it, or number of the earlier case. `about`: the centre's item.

    Sealed, where the centre sent some: values, by `what`.
    """

    origin: str
    lines: tuple[HeldLine, ...]
    about: About | None


class ReuseUsed(Body):
    """Also the disclosure: the clerk relied on what is held of this applicant. `h`: the sealed values, '' = none."""

    what: str
    source: ReuseSource
    origin: str
    until: str
    h: str
    date: str
    window: str
    clerk: str


class ReuseDeclined(Body):
    """The applicant says that it is wrong or outdated, or does not want it used: the original is asked for."""

    what: str
    why: DeclineWhy
    source: ReuseSource
    origin: str
    window: str
    clerk: str


REUSE_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("reuse.offered", 1): ReuseOffered,
    ("reuse.used", 1): ReuseUsed,
    ("reuse.declined", 1): ReuseDeclined,
}
