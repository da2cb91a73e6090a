"""The base of every command."""

from pydantic import BaseModel, ConfigDict


class Command(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid")
