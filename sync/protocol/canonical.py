"""Canonical JSON of the station link (protocol page, section 1): RFC 8785 for objects of text, integers and lists."""

import json
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, Final, cast

import orjson

MAX_SAFE_INTEGER: Final = 2**53 - 1
_NESTED: Final[frozenset[type]] = frozenset({dict, list})
_READ: Final = _NESTED | {str, int, bool, type(None)}
_STRICT: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
MAX_DEPTH: Final = 128
"""Deeper nesting is refused, so that no parser of either end meets its own, unequal limit first."""


class NotCanonical(ValueError):
    """The value or text does not fit the protocol's JSON subset; the message names the member."""


def encode(value: Mapping[str, Any]) -> bytes:
    """Return the one byte form of `value`. Raises NotCanonical for anything the protocol does not know."""
    check(value)
    # orjson escapes controls and sorts by code point; member names are printable ASCII, so the orders agree.
    return encode_decoded(value)


class Fraction(str):
    """A number with a fraction as its text stood there."""


def decode(raw: bytes, *, fractions: bool = False) -> dict[str, Any]:
    """Parse one object, refusing doubled members, fractions, big integers and lone surrogates.

    `fractions`: they become Fraction instead.
    """
    found = _decode_canonical(raw)
    return _decode_any(raw, Fraction if fractions else None) if found is None else found


def _decode_canonical(raw: bytes) -> dict[str, Any] | None:
    """Quickly, what is in canonical form already, as our own messages are; None for all else, good or bad.

    Bytes that come out again as they went in hold no doubled member, no escape of a surrogate and nothing that orjson
    reads more kindly than we do; what it would still let pass is looked at by level.
    """
    try:
        value = orjson.loads(raw)
        if type(value) is not dict or orjson.dumps(value, option=_STRICT) != raw:
            return None
    except (ValueError, TypeError):
        return None
    level: list[dict[str, Any] | list[Any]] = [value]
    for _ in range(MAX_DEPTH + 1):
        names = "".join(chain.from_iterable(one for one in level if type(one) is dict))
        if not (names.isascii() and names.isprintable()):
            return None
        items = list(chain.from_iterable(one.values() if type(one) is dict else one for one in level))
        kinds = set(map(type, items))
        if not kinds <= _READ:  # a fraction
            return None
        if not kinds & _NESTED:
            return cast(dict[str, Any], value)
        level = [item for item in items if type(item) in _NESTED]
    return None


def _decode_any(raw: bytes, parse_float: Callable[[str], Any] | None = None) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_members, parse_constant=_refuse, parse_float=parse_float or _refuse)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise NotCanonical("not an object")
    check(value)
    return cast(dict[str, Any], value)


def encode_decoded(value: Mapping[str, Any]) -> bytes:
    """As `encode`, for what `decode` returned (or a part of it): it is not checked again."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=_as_dict)


def check(value: Any, where: str = "", depth: int = 0) -> None:
    """Raise NotCanonical unless `value` is within the subset: str, int, bool, None, list, dict."""
    if isinstance(value, str):
        if not value.isascii():
            _check_text(value, where)
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int):
        if not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            raise NotCanonical(f"{where or 'number'}: beyond 2^53-1")
    elif depth > MAX_DEPTH:
        raise NotCanonical(f"{where}: nested deeper than {MAX_DEPTH}")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if not (isinstance(name, str) and name.isascii() and name.isprintable()):
                raise NotCanonical(f"in {where or 'the object'}: member name {name!r} is not printable ASCII")
            check(item, name, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            check(item, where, depth + 1)
    else:
        raise NotCanonical(f"{where or 'value'}: {type(value).__name__} is not of the protocol")


def _check_text(value: str, where: str) -> None:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical(f"{where or 'text'}: lone surrogate") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("a member stands twice")
    return found


def _refuse(token: str) -> Any:
    raise NotCanonical(f"not a number of the protocol: {token}")


def _as_dict(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
