"""What a simulated hall is like: when people come, what they want, how they behave, who works when."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

MINUTE: Final = 60_000
_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"

ClockTime = Annotated[str, Field(pattern=_CLOCK)]
Share = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[float, Field(ge=0)]


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Work(Form):
    """One service: `share` of the people, and how long it takes (lognormal; `cv` 0: always `minutes`)."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    share: float = Field(gt=0)
    minutes: float = Field(gt=0)
    cv: float = Field(ge=0, default=0.8)


class Break(Form):
    at: ClockTime
    minutes: float = Field(gt=0)


class Desk(Form):
    """A window. `services` empty: all of them. `closes`: it signs out then, once its citizen is done."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    services: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()
    closes: ClockTime | None = None


class Peak(Form):
    """`factor` times the usual stream at this moment; straight lines between one point and the next."""

    at: ClockTime
    factor: float = Field(ge=0)


class Lateness(Form):
    """Minutes after the slot at which a booked person checks in: a normal distribution."""

    mean: float = -3
    deviation: float = Field(ge=0, default=8)


class Scenario(Form):
    """Defaults are the hall of domain 3.3. Shares are of those who come; `load` of a run sets how many.

    `patience`: mean minutes after which a walk-in or green person who still waits goes (exponential), None: never.
    Of those, `cancelling` give the ticket up at the kiosk; the others are called in vain. `reviving`: share of those
    called in vain who come back. `confirming`: minutes until a person looks at a declared ground. `walking`: seconds
    from the call to the start. `holding`, `returning`, `two_items`: shares of turns that are put aside, sent back for
    a paper, or
    followed by another service (of people without a booking, where there is more than one).
    """

    opens: ClockTime = "09:00"
    closes: ClockTime = "17:00"
    services: tuple[Work, ...] = (Work(id="general", share=1, minutes=8),)
    windows: tuple[Desk, ...] = ()
    green: Share = 0.10
    appointments: Share = 0.25
    profile: tuple[Peak, ...] = ()
    slot_minutes: int = Field(gt=0, default=15)
    lateness: Lateness = Lateness()
    no_shows: float = Field(ge=0, lt=1, default=0.10)
    patience: float | None = Field(gt=0, default=None)
    cancelling: Share = 0.3
    reviving: Share = 0.0
    confirming: Minutes = 1
    walking: float = Field(ge=0, default=0)
    holding: Share = 0.0
    returning: Share = 0.0
    two_items: Share = 0.0

    @model_validator(mode="after")
    def _hangs_together(self) -> "Scenario":
        if clock_ms(self.closes) <= clock_ms(self.opens):
            raise ValueError("closes is not after opens")
        if self.green + self.appointments > 1:
            raise ValueError("green and appointments are more than everybody")
        if not self.services:
            raise ValueError("services: name at least one")
        known = [work.id for work in self.services]
        if len(set(known)) < len(known) or len({desk.id for desk in self.windows}) < len(self.windows):
            raise ValueError("the same id twice")
        self._all_is_served(known)
        return self

    def _all_is_served(self, known: list[str]) -> None:
        for desk in self.windows:
            for service in desk.services:
                if service not in known:
                    raise ValueError(f"window {desk.id}: no such service: {service}")
        for service in known:
            if self.windows and not any(service in (desk.services or known) for desk in self.windows):
                raise ValueError(f"no window serves {service}")

    def desks(self, count: int) -> tuple[Desk, ...]:
        """The named windows, else `count` alike."""
        return self.windows or tuple(Desk(id=f"w{number}") for number in range(1, count + 1))

    def served_at(self, desk: Desk) -> tuple[str, ...]:
        return desk.services or tuple(work.id for work in self.services)

    @property
    def length(self) -> int:
        """Of the day, ms."""
        return clock_ms(self.closes) - clock_ms(self.opens)

    def since_opening(self, at: ClockTime) -> int:
        """Ms after opening, within the day."""
        return min(max(clock_ms(at) - clock_ms(self.opens), 0), self.length)


def clock_ms(at: ClockTime) -> int:
    hours, minutes = at.split(":")
    return (int(hours) * 60 + int(minutes)) * MINUTE
