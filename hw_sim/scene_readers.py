"""Scene files: what is laid, put in or held before a device: card readers and code scanners."""

from typing import Literal

from pydantic import Field, field_validator

from hw_sim.codes.keypad import Block
from hw_sim.codes.keys import Chinese
from hw_sim.codes.labels import Encoding, Suffix
from hw_sim.sam.module import BAUDS, sam_number_bytes
from hw_sim.sam.simulator import SAM_NUMBER, SpeedAnswer
from hw_sim.sam.usb import UsbPlug
from hw_sim.scene_device import Port, SceneDevice


class SamDevice(SceneDevice):
    """`usb`: how it looks when `wire` is usb. What the other options stand for is said in hw_sim/sam/."""

    sim: Literal["sam"]
    wire: Literal["pty", "tcp", "usb"] = "pty"
    port: Port = 0
    usb: UsbPlug = UsbPlug()
    baud: int = 115200
    number: str = SAM_NUMBER
    reading_seconds: float = Field(0.35, ge=0, le=60)
    item_seconds: float = Field(0.03, ge=0, le=60)
    power_up_seconds: float = Field(0.0, ge=0, le=60)
    append: Literal["03", "02"] = "03"
    gives_numbers: bool = False
    items_after_read: bool = True
    speed_answer: SpeedAnswer = "old"

    @field_validator("baud")
    @classmethod
    def _known_speed(cls, baud: int) -> int:
        if baud not in BAUDS:
            raise ValueError(f"a reader speaks at one of {', '.join(map(str, BAUDS))}")
        return baud

    @field_validator("number")
    @classmethod
    def _sam_number(cls, number: str) -> str:
        sam_number_bytes(number)
        return number


class ScannerDevice(SceneDevice):
    """A code scanner. `wire` keyboard: it types, and needs a socket in the machine; `encoding` and `baud` are of the

    serial one, `key_seconds`, `repeat` and `chinese` of the one that types.
    """

    sim: Literal["scanner"]
    wire: Literal["pty", "tcp", "keyboard"] = "pty"
    port: Port = 0
    baud: int = Field(9600, ge=300, le=921600)
    suffix: Suffix = "cr"
    aim: bool = False
    encoding: Encoding = "utf-8"
    key_seconds: float = Field(0.004, ge=0, le=5)
    repeat: bool = False
    chinese: Chinese = "lost"


class KeysDevice(SceneDevice):
    """A keypad or rating pad that is a keyboard; needs a socket in the machine."""

    sim: Literal["keys"]
    wire: Literal["keyboard"] = "keyboard"
    block: Block = "numpad"
    key_seconds: float = Field(0.004, ge=0, le=5)
    repeat: bool = False


class PcscDevice(SceneDevice):
    """A PC/SC reader behind a pcscd with vpcd, which listens at `port`; `reader`: the name pcscd gives it."""

    sim: Literal["pcsc"]
    wire: Literal["vpcd"] = "vpcd"
    port: int = Field(35963, ge=1, le=65535)
    reader: str = "Virtual PCD 00 00"
