"""A state as bytes, and back: only where the rules that folded it are the rules that run now."""

from typing import Final

import structlog
from pydantic import BaseModel, ValidationError

from edge.rules.state import State

RULES: Final = 8  # grows whenever `apply` or State means something else than before; older snapshots are then refolded

log = structlog.get_logger(__name__)


class Snapshot(BaseModel):
    rules: int
    state: State


def write(state: State) -> bytes:
    return Snapshot(rules=RULES, state=state).model_dump_json().encode()


def read(data: bytes) -> State | None:
    """None when another release wrote it: the whole journal is folded instead."""
    try:
        snapshot = Snapshot.model_validate_json(data)
    except ValidationError:
        log.warning("snapshot_unreadable")
        return None
    if snapshot.rules != RULES:
        log.info("snapshot_of_other_rules", rules=snapshot.rules)
        return None
    return snapshot.state
