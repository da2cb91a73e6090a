"""What can go wrong with a device: one small tree.

Each class has a `code`, which is also the key of its three texts (`device.<code>.citizen|clerk|technician` in the
word lists), and `retry`: whether the supervisor may try the same thing again by itself.
"""

from typing import ClassVar


class DeviceError(Exception):
    """`detail` is for the technician and the log only; it never holds a person's data."""

    code: ClassVar[str] = "device_error"
    retry: ClassVar[bool] = True

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail


class Gone(DeviceError):
    """It was there and is not any more: cable pulled, peer closed."""

    code = "gone"


class Absent(DeviceError):
    """Nothing is where the configuration says it should be."""

    code = "absent"


class Busy(DeviceError):
    """Somebody else holds it; `holder` says who."""

    code = "busy"

    def __init__(self, holder: str, detail: str = "") -> None:
        super().__init__(detail or f"held by {holder}")
        self.holder = holder


class Denied(DeviceError):
    """The operating system refuses access: a technician's work, not a retry's."""

    code = "denied"
    retry = False


class ServiceDown(DeviceError):
    """A helper service (pcscd, CUPS) does not answer."""

    code = "service_down"


class WrongDevice(DeviceError):
    """Something answers, but not what was configured."""

    code = "wrong_device"
    retry = False


class Unsupported(DeviceError):
    """This device cannot do that."""

    code = "unsupported"
    retry = False


class BadConfig(DeviceError):
    """The device's own settings make no sense together."""

    code = "bad_config"
    retry = False


class Late(DeviceError):
    """No answer within the time the protocol allows."""

    code = "late"


class Garbled(DeviceError):
    """An answer came, but not in the protocol's form."""

    code = "garbled"


class Refused(DeviceError):
    """The device said no; `device_code` is its own reason."""

    code = "refused"
    retry = False

    def __init__(self, device_code: str, detail: str = "") -> None:
        super().__init__(detail or f"device code {device_code}")
        self.device_code = device_code


class NeedsHelp(DeviceError):
    """A person must do something at the device."""

    code = "needs_help"
    retry = False


class PaperOut(NeedsHelp):
    code = "paper_out"


class CoverOpen(NeedsHelp):
    code = "cover_open"


class Jam(NeedsHelp):
    code = "jam"


class CardMoved(NeedsHelp):
    """The card was lifted before it was read."""

    code = "card_moved"


class CardUnreadable(NeedsHelp):
    code = "card_unreadable"


class NoAnswer(NeedsHelp):
    """The person asked did not answer in time."""

    code = "no_answer"


class OutcomeUnknown(DeviceError):
    """Sent, not confirmed. Never repeated by itself; a person decides."""

    code = "outcome_unknown"
    retry = False


class DriverFault(DeviceError):
    """A mistake in the driver, or its worker was killed."""

    code = "driver_fault"


class Quarantined(DriverFault):
    """The driver failed by its own fault again and again; it is tried again seldom, and for ever."""

    code = "quarantined"


def by_code(code: str, detail: str = "") -> DeviceError:
    """Rebuild an error that crossed the host link."""
    if code == Busy.code:
        return Busy(detail or "?", detail)
    if code == Refused.code:
        return Refused(detail or "?", detail)
    return _ALL.get(code, DriverFault)(detail)


def _tree(cls: type[DeviceError]) -> list[type[DeviceError]]:
    return [cls, *(leaf for child in cls.__subclasses__() for leaf in _tree(child))]


_ALL: dict[str, type[DeviceError]] = {cls.code: cls for cls in _tree(DeviceError)}
