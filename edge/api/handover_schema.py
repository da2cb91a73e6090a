"""What crosses the API of handovers (交接单). Clerk of that window only.

    GET  /api/window/{w}/batches                   -> BatchList     under way, differing, or signed for today
    POST /api/window/{w}/batches                   SealRequest -> BatchSnapshot
    POST /api/window/{w}/batches/take-in           TakeInRequest -> BatchSnapshot
    GET  /api/window/{w}/batches/{batch}/sheet     -> file for the other hall, of a batch that was sealed here
    POST /api/window/{w}/batches/{batch}/sign      SignRequest -> BatchSnapshot
    POST /api/window/{w}/batches/{batch}/settle    SettleRequest -> BatchSnapshot

Two persons a batch: who is signed in at the window, and a second one who types a PIN of their own: the unit's
messenger (site file, `cases.messengers`), or for a difference anybody of the hall or a messenger.
"""

from typing import Annotated, Any, Literal

import orjson
from pydantic import BeforeValidator, Field, SecretStr

from edge.api.case_schema import Text
from edge.api.model import Act, Model
from edge.rules.handover_records import Line, Sheet


def _sheet(told: Any) -> Any:
    """Strict as the rules are, but told in JSON, which has no tuples."""
    return Sheet.model_validate_json(orjson.dumps(told)) if isinstance(told, dict) else told


Settled = Literal["found_here", "found_there", "lost"]


class BatchLine(Model):
    """`counted` None: nobody has signed yet. `open`: the difference is not settled."""

    case: str
    number: str
    material: str
    name: Text
    sheets: int
    counted: int | None
    open: bool


class BatchSnapshot(Model):
    """`sealed_by`, `signer`: names of people of this hall and its messengers, else ids. `sheet` goes with the batch."""

    batch: str
    number: str
    what: Literal["materials", "results"]
    frm: str
    to: str
    to_name: Text
    sealed_by: str
    sealed_at: str
    signer: str
    signed_at: str
    incoming: bool
    lines: tuple[BatchLine, ...]
    differences: int
    sheet: Sheet


class Ready(Model):
    """Cases whose papers, or results, may go to one place now."""

    what: Literal["materials", "results"]
    to: str
    to_name: Text
    cases: tuple[str, ...]
    numbers: tuple[str, ...]


class BatchList(Model):
    """`ready`: what may be handed over."""

    seq: int
    batches: tuple[BatchSnapshot, ...]
    ready: tuple[Ready, ...]


class SealRequest(Act):
    what: Literal["materials", "results"]
    to: str = Field(pattern=r"^[A-Za-z0-9-]{1,32}$")
    cases: tuple[str, ...] = Field(min_length=1, max_length=100)


class SignRequest(Act):
    counted: tuple[Line, ...] = Field(max_length=2000)
    pin: SecretStr = Field(min_length=4, max_length=12)


class TakeInRequest(Act):
    batch: str = Field(pattern=r"^batch:[0-9A-Z]{26}$")
    sheet: Annotated[Sheet, BeforeValidator(_sheet)]
    counted: tuple[Line, ...] = Field(max_length=2000)


class SettleRequest(Act):
    case: str
    material: str
    outcome: Settled
    pin: SecretStr = Field(min_length=4, max_length=12)
