"""Personal data on its way to a screen or a log: what is left of it when it is masked."""

from typing import Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_STAR: Final = "*"


def mask_number(number: str) -> str:
    """`440303199001011234` -> `440303********1234`; other documents keep two characters at each end."""
    if len(number) == 18:
        return number[:6] + _STAR * 8 + number[-4:]
    if len(number) > 6:
        return number[:2] + _STAR * (len(number) - 4) + number[-2:]
    return _STAR * len(number)


def mask_name(name: str) -> str:
    """`张测试` -> `张*`: one star for any length, so that the length tells nothing."""
    return name[:1] + _STAR if name else ""


class IdNumber:
    """The number of an identity document. str, repr, format and JSON are masked; only `reveal` gives it away."""

    __slots__ = ("_number",)

    def __init__(self, number: str) -> None:
        self._number = number

    def reveal(self) -> str:
        """The number itself: to seal it, to hash it, to write it into a form; never into a log."""
        return self._number

    def __str__(self) -> str:
        return mask_number(self._number)

    def __repr__(self) -> str:
        return f"IdNumber({self})"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdNumber) and self._number == other._number

    def __hash__(self) -> int:
        return hash((IdNumber, self._number))

    def __reduce__(self) -> Any:
        raise TypeError("an ID number is not pickled: seal it")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from_text = core_schema.no_info_after_validator_function(cls, core_schema.str_schema(max_length=32))
        return core_schema.json_or_python_schema(
            json_schema=from_text,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), from_text]),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )
