"""What the error numbers of Onbon cards mean (led.md 1.4, 1.5); one list for every card."""

from drivers.errors import DeviceError, Refused, WrongDevice

BAD_COMMAND, FONT_MISSING = 2, 12
ERRORS = {
    1: "group",
    BAD_COMMAND: "command",
    3: "busy",
    4: "memory",
    5: "CRC",
    6: "no file",
    7: "flash",
    8: "download",
    9: "file name",
    10: "file type",
    11: "file CRC",
    FONT_MISSING: "font missing",
    13: "firmware type",
    14: "date or time",
    15: "file exists",
    16: "block number",
    17: "controller type",
    18: "screen parameter",
    19: "controller id",
}
_NOT_THIS_CARD = frozenset({17, 19})


def refusal(error: int) -> DeviceError:
    """The error to raise for a card's number; WrongDevice when the card says the request was for another."""
    detail = f"card error {error}: {ERRORS.get(error, 'unknown')}"
    return WrongDevice(detail) if error in _NOT_THIS_CARD else Refused(str(error), detail)
