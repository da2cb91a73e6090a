"""One measured number, beside the peer's where there is a fair one."""

from typing import Final

from pydantic import BaseModel, ConfigDict

_DIGITS: Final = 4


class Row(BaseModel):
    """`ratio`: how many times better than the peer, so above 1 is better, whichever way `value` counts."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None


def alone(name: str, value: float, unit: str) -> Row:
    """No fair peer."""
    return Row(name=name, value=_rounded(value), unit=unit)


def lower_is_better(name: str, value: float, unit: str, peer: str, peer_value: float) -> Row:
    """Times, sizes. Raises ValueError for a value that cannot be divided by."""
    return _beside(name, value, unit, peer, peer_value, above=peer_value, below=value)


def higher_is_better(name: str, value: float, unit: str, peer: str, peer_value: float) -> Row:
    """Rates. Raises ValueError for a peer's value that cannot be divided by."""
    return _beside(name, value, unit, peer, peer_value, above=value, below=peer_value)


def _beside(name: str, value: float, unit: str, peer: str, peer_value: float, *, above: float, below: float) -> Row:
    if below <= 0:
        raise ValueError(f"{name}: {below} {unit} is no measurement")
    return Row(
        name=name,
        value=_rounded(value),
        unit=unit,
        peer=peer,
        peer_value=_rounded(peer_value),
        ratio=_rounded(above / below),
    )


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
