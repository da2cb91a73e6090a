"""The base of every record body: frozen, strict, no member too many."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid", strict=True)
