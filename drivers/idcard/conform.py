"""What the conformance kit needs to know of the card readers. Invented people."""

from pathlib import Path
from typing import Final

from drivers.conform import Bench
from drivers.conform.line import Line
from drivers.contract import Context, Link
from drivers.idcard.card_line import card_link

_SESSIONS: Final = Path(__file__).parent / "captures"
_SECRETS: Final = ("张测试", "119999199001010012", "测试省样例市虚构区不存在路1号101室", "测试省样例市虚构区新址路9号")
_PACKET: Final = 64


def _usb(ctx: Context, line: Line) -> Link:
    from drivers.conform.usb_line import LineUsbLink  # pyusb only where it is used
    from drivers.links.usb_pipes import Shape

    return LineUsbLink(ctx, line, Shape(1, 1, _PACKET, hid=False))


SAM: Final = Bench(session=_SESSIONS / "resident.json", scheme="serial", baud=115200, secrets=_SECRETS)
SAM_USB: Final = Bench(
    session=_SESSIONS / "resident_usb.json",
    link=_usb,
    secrets=_SECRETS,
    cannot={"real_line": "no USB bus in the kit: tests of the driver run it over USB/IP, in its worker"},
)
PCSC: Final = Bench(
    session=_SESSIONS / "social.json",
    link=card_link,
    secrets=("张测试", "119999199001010012", "TEST00001"),
    protected=False,
    recognises=False,
    cannot={
        "crumbs": "commands and answers cross whole",
        "real_line": "no PC/SC service in the kit: tests of the driver run it on a real pcscd, in its worker",
    },
)
