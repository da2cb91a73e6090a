"""The base of everything in the state, and how a print stands."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

PrintState = Literal["none", "printing", "done", "failed", "unknown"]


class Part(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")
