"""What hands can do in the hall, as requests. What cannot be done is said with status 400 and a text."""

from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from hw_sim.box.glass import NoScreen
from hw_sim.box.stage import Stage
from hw_sim.device import Device
from hw_sim.faults import Fault, FaultWord


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Act(_Request):
    device: str
    action: str
    values: dict[str, Any] = {}


class Trouble(_Request):
    """`clear` without `word`: all troubles of the device are over."""

    device: str
    word: str | None = None
    amount: float = Field(0.0, ge=0, allow_inf_nan=False)
    times: int = Field(0, ge=0)
    clear: bool = False


class Line(_Request):
    up: bool


class Program(_Request):
    name: str
    do: Literal["kill", "hold", "release"]


class Tap(_Request):
    """`x`, `y`: pixels of the screen's picture."""

    screen: str
    x: float = Field(ge=0, allow_inf_nan=False)
    y: float = Field(ge=0, allow_inf_nan=False)


def hands(stage: Stage) -> APIRouter:
    routes = APIRouter()

    @routes.post("/act")
    async def act(request: Act) -> dict[str, bool]:
        device = _device(stage, request.device)
        try:
            device.act(request.action, **request.values)
        except (ValueError, TypeError) as wrong:
            raise HTTPException(400, str(wrong)) from wrong
        return {"ok": True}

    @routes.post("/fault")
    async def fault(request: Trouble) -> dict[str, bool]:
        device = _device(stage, request.device)
        word = _word(request.word)
        if request.clear:
            device.clear_faults() if word is None else device.clear_fault(word)
            return {"ok": True}
        if word is None:
            raise HTTPException(400, "which trouble? word is missing")
        try:
            device.set_fault(Fault(word, request.amount, request.times))
        except ValueError as wrong:
            raise HTTPException(400, str(wrong)) from wrong
        return {"ok": True}

    @routes.post("/line")
    async def line(request: Line) -> dict[str, bool]:
        if stage.box.line is None:
            raise HTTPException(400, "there is no line to a centre here")
        await stage.box.line.set_up(request.up)
        stage.look_at_programs()
        return {"ok": True}

    @routes.post("/program")
    async def program(request: Program) -> dict[str, bool]:
        found = stage.box.programs.get(request.name)
        if found is None:
            raise HTTPException(400, f"no program {request.name!r}; there are: {', '.join(stage.box.programs)}")
        if request.do == "kill":
            found.kill()
        else:
            found.hold(request.do == "hold")
        stage.note(f"program_{request.do}", request.name)
        stage.look_at_programs()
        return {"ok": True}

    @routes.post("/tap")
    async def tap(request: Tap) -> dict[str, bool]:
        screen = stage.screens.get(request.screen)
        if screen is None:
            raise HTTPException(400, f"no screen {request.screen!r}; there are: {', '.join(stage.screens)}")
        try:
            await screen.tap(request.x, request.y)
        except NoScreen as wrong:
            raise HTTPException(400, str(wrong)) from wrong
        return {"ok": True}

    return routes


def _device(stage: Stage, id: str) -> Device:
    device = stage.box.hall.simulators.get(id)
    if device is None:
        raise HTTPException(400, f"no device {id!r}; there are: {', '.join(stage.box.hall.simulators)}")
    return device


def _word(word: str | None) -> FaultWord | None:
    if word is None:
        return None
    try:
        return FaultWord(word)
    except ValueError as wrong:
        raise HTTPException(400, f"no trouble {word!r}; there are: {', '.join(FaultWord)}") from wrong
