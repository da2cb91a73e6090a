"""What every model of the API is made of."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PrintState = Literal["none", "printing", "done", "failed", "unknown"]


class Model(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)


class Act(Model):
    """`id`: the command's id, made by the caller, the same for every retry."""

    id: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9:_-]+$")
