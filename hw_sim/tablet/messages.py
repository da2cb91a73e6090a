"""The JSON messages of a tablet pad (rating_pad.md 3). Answers carry no id: the order tells what they answer."""

import json
from dataclasses import dataclass
from typing import Any, Final

LEVELS: Final = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
RIGHT, WRONG = "0", "1"


class Malformed(ValueError):
    """No request and no answer of this message set."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    param: dict[str, Any]

    def encode(self) -> str:
        return json.dumps({"method": self.method, "param": self.param}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` "0": done."""

    code: str
    result: Any = None

    @property
    def done(self) -> bool:
        return self.code == RIGHT

    def encode(self) -> str:
        return json.dumps({"code": self.code, "result": self.result}, ensure_ascii=False)


def read_message(text: str | bytes) -> Request | Answer:
    """Raises Malformed."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise Malformed(f"not JSON: {wrong}") from wrong
    match message:
        case {"method": str(method), "param": dict(param)} if "code" not in message:
            return Request(method, param)
        case {"code": str(code)} if "method" not in message:
            return Answer(code, message.get("result"))
    raise Malformed("neither a request nor an answer")


def question_id(request: Request) -> str:
    """Raises Malformed: a question without its id."""
    match request.param.get("RateID"):
        case str(id) if id:
            return id
        case int(number) if not isinstance(number, bool):
            return str(number)
    raise Malformed("no RateID")


def rating(id: str, level: int) -> Request:
    return Request("RateSubmit", {"RateID": id, "Content": LEVELS[level], "Level": level})
