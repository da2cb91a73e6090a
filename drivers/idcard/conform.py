"""What the conformance kit needs to know of the card readers."""

from pathlib import Path
from typing import Final

from drivers.conform import Bench

_SESSIONS: Final = Path(__file__).parent / "captures"

SAM: Final = Bench(
    session=_SESSIONS / "resident.json",
    scheme="serial",
    baud=115200,
    secrets=("张测试", "119999199001010012", "测试省样例市虚构区不存在路1号101室", "测试省样例市虚构区新址路9号"),
)
