"""Canonical JSON of the station link (protocol page, section 1): RFC 8785 for objects of text, integers and lists."""

from collections.abc import Mapping
from typing import Any, cast

import orjson

MAX_SAFE_INTEGER = 2**53 - 1


class NotCanonical(ValueError):
    """The value or text does not fit the protocol's JSON subset; the message names the member."""


def encode(value: Mapping[str, Any]) -> bytes:
    """Return the one byte form of `value`. Raises NotCanonical for anything the protocol does not know."""
    check(value)
    # orjson escapes controls and sorts by code point; member names are printable ASCII, so the orders agree.
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def decode(raw: bytes) -> dict[str, Any]:
    """Parse one object, refusing doubled members, fractions, big integers and lone surrogates."""
    import json

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise NotCanonical("a member stands twice")
        return found

    def refuse(token: str) -> Any:
        raise NotCanonical(f"not a number of the protocol: {token}")

    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=members, parse_constant=refuse, parse_float=refuse)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise NotCanonical("not an object")
    check(value)
    return cast(dict[str, Any], value)


def check(value: Any, where: str = "") -> None:
    """Raise NotCanonical unless `value` is within the subset: str, int, bool, None, list, dict."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise NotCanonical(f"{where or 'text'}: lone surrogate") from None
    elif isinstance(value, int):
        if abs(value) > MAX_SAFE_INTEGER:
            raise NotCanonical(f"{where or 'number'}: beyond 2^53-1")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            check(item, f"{where}[{index}]")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if not (isinstance(name, str) and name.isascii() and name.isprintable()):
                raise NotCanonical(f"{where}: member name {name!r} is not printable ASCII")
            check(item, f"{where}.{name}" if where else name)
    else:
        raise NotCanonical(f"{where or 'value'}: {type(value).__name__} is not of the protocol")
