"""What every model of the API is made of."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PrintState = Literal["none", "printing", "done", "failed", "unknown"]
# As in edge.rules.queue_records, which screens do not know.
Klass = Literal["walk_in", "green", "appointment"]
Ground = Literal["disabled", "military", "elderly", "pregnant", "other"]
CallWhy = Literal["order", "guard", "early", "recall", "out_of_turn"]
OutOfTurnReason = Literal["asked_back", "escorted", "emergency", "manager"]
BackReason = Literal["materials_missing", "system_down", "wrong_window", "needs_other_window", "clerk_ends"]
PauseReason = Literal["lunch", "break", "meeting", "system_down", "other"]


class Model(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)


class Act(Model):
    """`id`: the command's id, made by the caller, the same for every retry."""

    id: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9:_-]+$")
