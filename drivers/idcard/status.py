"""SW3, the module's status byte (idcard.md section 4): names, what to do, and the error for it."""

from enum import Enum, auto

from drivers.errors import CardUnreadable, DeviceError, Garbled, Refused
from drivers.idcard.frame import Reply

DONE = 0x90
CARD_FOUND = 0x9F
NO_SUCH_ITEM = 0x91
FIND_FAILED = 0x80
SELECT_FAILED = 0x81
NO_CARD_YET = 0x34
WRONG_COMMAND = 0x21
NOT_PERMITTED = 0x23

NAMES = {
    0x90: "ok",
    0x9F: "card_found",
    0x91: "no_such_item",
    0x80: "find_failed",
    0x81: "select_failed",
    0x10: "reader_checksum",
    0x11: "reader_length",
    0x21: "reader_command",
    0x23: "not_permitted",
    0x24: "reader_unknown",
    0x31: "card_auth_sam_failed",
    0x32: "sam_auth_card_failed",
    0x33: "info_verify_failed",
    0x34: "no_card_found_yet",
    0x37: "fingerprint_verify_failed",
    0x3F: "info_length",
    0x40: "unknown_card_type",
    0x41: "read_failed",
    0x47: "random_failed",
    0x60: "sam_self_test_failed",
    0x66: "sam_unauthorised",
}


class Advice(Enum):
    RESEND = auto()  # the module did not get the request whole
    FIND_AGAIN = auto()  # something between module and card
    REPORT = auto()  # sending it again would not help


_RESEND = {0x10, 0x11}
_FIND_AGAIN = {0x31, 0x32, 0x33, 0x34, 0x37, 0x3F, 0x41, 0x47, 0x80, 0x81}
_CARD = _FIND_AGAIN | {0x40, NO_SUCH_ITEM}


def name(reply: Reply) -> str:
    return NAMES.get(reply.status, "unknown_status")


def advice(reply: Reply) -> Advice:
    if reply.status in _RESEND:
        return Advice.RESEND
    return Advice.FIND_AGAIN if reply.status in _FIND_AGAIN else Advice.REPORT


def failure(reply: Reply) -> DeviceError:
    """The error for a reply that is not the wanted one; the detail keeps the three status bytes."""
    detail = f"{name(reply)} (status {reply.sw.hex(' ')})"
    if reply.status in _RESEND:
        return Garbled(detail)
    if reply.status in _CARD:
        return CardUnreadable(detail)
    return Refused(f"{reply.status:02X}", detail)
