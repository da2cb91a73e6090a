"""Which verbs a driver has, read from the contract's Protocols themselves."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, get_type_hints

from pydantic import BaseModel

from drivers import capabilities
from drivers.contract import Kind

WAITING: Final = frozenset({"read", "read_social", "scan", "event"})
"""Verbs that wait for a person, as long as their caller likes: only the caller's deadline ends them."""

NEEDED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ID_READER: ("IdReader", "SocialCardReader"),
    Kind.PRINTER: ("Printer",),
    Kind.DISPLAY: ("Display",),
    Kind.BUS: (),
    Kind.KEYPAD: ("KeypadDevice",),
    Kind.RATING_PAD: ("RatingDevice",),
    Kind.SPEAKER: ("Speaker",),
    Kind.CODE_READER: ("CodeReader",),
    Kind.CAMERA: ("DocCamera",),
}
"""One of these a driver of that kind must have; a bus has none."""


@dataclass(frozen=True, slots=True)
class Verb:
    """`argument`: the type the method takes, None when it takes nothing. `streams`: an iterator, not one answer."""

    name: str
    capability: str
    argument: Any
    streams: bool


@cache
def all_verbs() -> Mapping[str, Verb]:
    found = {}
    for protocol in _capabilities().values():
        for name, method in vars(protocol).items():
            if not name.startswith("_") and inspect.isfunction(method):
                hints = get_type_hints(method)
                hints.pop("return", None)
                argument = next(iter(hints.values()), None)
                found[name] = Verb(name, protocol.__name__, argument, not inspect.iscoroutinefunction(method))
    return found


@cache
def _capabilities() -> Mapping[str, type]:
    protocols = (value for value in vars(capabilities).values() if getattr(value, "_is_protocol", False))
    return {each.__name__: each for each in protocols if each.__module__ == capabilities.__name__}


def verbs_of(driver: object) -> frozenset[str]:
    """Every verb of every capability the driver (or its class) has."""
    return frozenset(name for name, verb in all_verbs().items() if _has(driver, verb.capability))


def capabilities_of(driver: object) -> frozenset[str]:
    return frozenset(name for name in _capabilities() if _has(driver, name))


def _has(driver: object, capability: str) -> bool:
    """As isinstance of a runtime-checkable Protocol sees it: every one of its methods is there."""
    names = [name for name, method in vars(_capabilities()[capability]).items() if inspect.isfunction(method)]
    return all(callable(getattr(driver, name, None)) for name in names if not name.startswith("_"))


async def perform(driver: Any, name: str, argument: Any) -> Any:
    """One verb to its end, its answer as plain JSON values; of a stream whether an item came."""
    verb = all_verbs()[name]
    method = getattr(driver, name)
    if verb.streams:
        stream = method(argument)
        try:
            return bool(await anext(stream))
        finally:
            await stream.aclose()
    if verb.argument is None:
        answer = await method()
    elif isinstance(verb.argument, type) and issubclass(verb.argument, BaseModel):
        answer = await method(verb.argument.model_validate(argument))
    else:
        answer = await method(argument)
    return answer.model_dump(mode="json") if isinstance(answer, BaseModel) else answer
