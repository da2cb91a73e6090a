"""The messages of tablet pads (rating_pad.md section 3): JSON objects, requests with a method, answers with a code."""

import json
from dataclasses import dataclass
from typing import Any, Final

from drivers.contract import Level
from drivers.errors import Garbled

OK: Final = "0"
REFUSED: Final = "1"

GET_WINDOWS: Final = "GetWindowList"
LOGIN: Final = "Login"
ASK: Final = "RateQuest"
SUBMIT: Final = "RateSubmit"
HEART_BEAT: Final = "HeartBeat"
IDENTIFY: Final = "Identify"  # ours
WITHOUT_TOKEN: Final = frozenset({GET_WINDOWS, SUBMIT, HEART_BEAT})
"""All a pad asks but Login, which alone may bring the pad's token."""

LEVELS: Final[dict[int, tuple[Level, str]]] = {
    5: ("very_satisfied", "非常满意"),
    4: ("satisfied", "满意"),
    3: ("fairly_satisfied", "基本满意"),
    2: ("dissatisfied", "不满意"),
    1: ("very_dissatisfied", "非常不满意"),
}
_NUMBERS: Final = {words: number for number, (_, words) in LEVELS.items()}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    param: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    code: str
    result: Any


def parse(text: str | bytes) -> Request | Answer:
    """Raises Garbled."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Garbled("not JSON") from problem
    match message:
        case {"method": str(method)}:
            param = message.get("param")
            if param is not None and not isinstance(param, dict):
                raise Garbled(f"{method[:32]}: param is no object")
            return Request(method, param or {})
        case {"code": str() | int() as code}:
            return Answer(str(code), message.get("result"))
    raise Garbled("neither a request nor an answer")


def request(method: str, **param: Any) -> str:
    return json.dumps({"method": method, "param": param}, ensure_ascii=False)


def answer(result: Any, code: str = OK) -> str:
    return json.dumps({"code": code, "result": result}, ensure_ascii=False)


def word(value: Any) -> str:
    """Window numbers and ids, which pads write as text or as numbers; empty for anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number or isinstance(value, str) else ""


def level_of(param: dict[str, Any]) -> int | None:
    """1 (worst) .. 5 by `Level`, by `Content`, or by both when they agree; else None."""
    said = {_number(param["Level"])} if param.get("Level") is not None else set[int | None]()
    content = param.get("Content")
    if content is not None:
        said.add(_NUMBERS.get(content.strip()) if isinstance(content, str) else None)
    return said.pop() if len(said) == 1 else None


def _number(value: Any) -> int | None:
    text = word(value).strip()
    return int(text) if text in {"1", "2", "3", "4", "5"} else None
