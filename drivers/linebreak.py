"""Breaking short Chinese texts into lines, for displays and tickets."""

import re
from collections.abc import Callable

Measure = Callable[[str], int]

# Words of a hall that read badly in halves, and numbers with what they count.
_WORDS = "窗口|办理|等候|综合|暂停|服务|社保|医保|户政|号码|自助|社会保障|居住|身份证|叫号|人工|正在|其他"
_UNBROKEN = re.compile(rf"{_WORDS}|[A-Za-z0-9.:/+#@-]+[号人]?|.", re.DOTALL)
_STEPS = 24


def broken(text: str, room: int, measure: Measure, whole: int | None = None) -> list[str]:
    """Lines no wider than `room`. Numbers, Latin and common words stay whole unless wider than `whole` (usually
    `room`).
    """
    longest = room if whole is None else whole
    lines = [""]
    for word in _UNBROKEN.findall(text):
        for part in [word] if measure(word) <= longest else list(word):
            if lines[-1] and measure(lines[-1] + part) > room:
                lines.append("")
            lines[-1] += part
    return [line.strip() for line in lines if line.strip()] or [""]


def balanced(text: str, room: int, measure: Measure) -> list[str]:
    """As few lines as possible, of widths as equal as possible: never a last line of one character."""
    lines = broken(text, room, measure)
    if len(lines) == 1:
        return lines
    for step in range(1, _STEPS):
        narrow = room // 2 + (room - room // 2) * step // _STEPS
        narrower = broken(text, narrow, measure, whole=room)
        if len(narrower) == len(lines):
            return narrower
    return lines
