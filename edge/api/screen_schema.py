"""What the person at a window sees on its second screen (面向办事人的显示器). Topic `screen:<window>` of /api/live.

Nothing a clerk alone may see: no queue, no devices, no clerk, no other person's case. The person is masked.
"""

from typing import Literal

from edge.api.case_schema import LackWhy, Text
from edge.api.model import Model

Doing = Literal["idle", "called", "serving"]


class ScreenPerson(Model):
    """Masked: 张* and 440303********1234."""

    name: str
    id_number: str


class ScreenMaterial(Model):
    """`state` open: not looked at yet. `why`: of one that is missing or not as wanted, else ''."""

    name: Text
    mandatory: bool
    state: Literal["open", "there", "missing"]
    why: LackWhy | Literal[""] = ""


class ScreenCase(Model):
    """`number`, `due` of the receipt; before it `number` is '' and `due` what it would be, '' without a limit."""

    item_name: Text
    received: bool
    materials: tuple[ScreenMaterial, ...]
    number: str = ""
    due: str = ""


class ScreenSnapshot(Model):
    """`number` as people say it, `kind` by language, `hours` as `09:00-12:00`, `ticket` a display number, '' idle.

    `person`, `case`: only while a turn is served. `rating`: the pad asks for it now.
    """

    number: str
    kind: Text
    hours: tuple[str, ...]
    state: Doing
    paused: bool
    ticket: str = ""
    person: ScreenPerson | None = None
    case: ScreenCase | None = None
    rating: bool = False
