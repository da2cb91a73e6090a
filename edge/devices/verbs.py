"""What can be asked of a device: one table from verb names to capabilities."""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from drivers.contract import (
    Adjustable,
    Adjustment,
    CardSensor,
    CodeReader,
    Display,
    DocCamera,
    Driver,
    Frozen,
    Identifiable,
    IdReader,
    KeypadDevice,
    KeypadLine,
    Page,
    Printer,
    PrintJob,
    Prompt,
    RatingDevice,
    SheetPrinter,
    Shot,
    SocialCardReader,
    Speaker,
    Speech,
)
from drivers.errors import BadConfig, Unsupported

WIRE_TAP: Final = "wire_tap"  # of the wire, not of the driver: asked of any device


class Seconds(Frozen):
    seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class VerbSpec:
    """`effect`: cut off in the middle nobody knows what happened (OutcomeUnknown), so it is never repeated."""

    capability: type
    method: str
    argument: type[BaseModel] | None = None
    effect: bool = False


VERBS: dict[str, VerbSpec] = {
    "read": VerbSpec(IdReader, "read"),
    "read_social": VerbSpec(SocialCardReader, "read_social"),
    "card_present": VerbSpec(CardSensor, "card_present"),
    "scan": VerbSpec(CodeReader, "scan"),
    "capture": VerbSpec(DocCamera, "capture", Shot),
    "status": VerbSpec(Printer, "status"),
    "print": VerbSpec(Printer, "print", PrintJob, effect=True),
    "sheets": VerbSpec(SheetPrinter, "sheets", PrintJob),
    "say": VerbSpec(Speaker, "say", Speech, effect=True),
    "show": VerbSpec(Display, "show", Page),
    "clear": VerbSpec(Display, "clear"),
    "adjust": VerbSpec(Adjustable, "adjust", Adjustment),
    "condition": VerbSpec(Adjustable, "condition"),
    "display": VerbSpec(KeypadDevice, "display", KeypadLine),
    "beep": VerbSpec(KeypadDevice, "beep"),
    "ask": VerbSpec(RatingDevice, "ask", Prompt),
    "withdraw": VerbSpec(RatingDevice, "withdraw"),
    "identify": VerbSpec(Identifiable, "identify", Seconds),
}


def spec_for(driver: Driver, verb: str) -> VerbSpec:
    """Raises Unsupported when the device cannot do that."""
    spec = VERBS.get(verb)
    if spec is None or not isinstance(driver, spec.capability):
        can = sorted(name for name, known in VERBS.items() if isinstance(driver, known.capability))
        raise Unsupported(f"{verb}: this device can do {', '.join(can) or 'nothing by request'}")
    return spec


async def perform(driver: Driver, verb: str, argument: dict[str, Any] | None) -> dict[str, Any]:
    """Run one verb to its end. Raises DeviceError; BadConfig for an argument of the wrong form."""
    spec = spec_for(driver, verb)
    method = getattr(driver, spec.method)
    if spec.argument is None:
        answer = await method()
    else:
        try:
            value = spec.argument.model_validate(argument or {})
        except ValidationError as error:
            raise BadConfig(f"{verb}: {error.error_count()} mistakes in its argument") from error
        answer = await (method(value.seconds) if isinstance(value, Seconds) else method(value))
    return answer.model_dump(mode="json") if isinstance(answer, BaseModel) else {}


async def apply_desired(driver: Driver, state: dict[str, Any] | None) -> None:
    """Bring a device to its desired state: a page, a keypad's digits, a question. Repeating is harmless."""
    if isinstance(driver, Display):
        await (driver.clear() if state is None else driver.show(Page.model_validate(state)))
    elif isinstance(driver, KeypadDevice):
        await driver.display(KeypadLine.model_validate(state or {}))
    elif isinstance(driver, RatingDevice):
        await (driver.withdraw() if state is None else driver.ask(Prompt.model_validate(state)))
