"""The requests this driver sends (idcard.md section 3), each with what may answer it and how long that takes."""

from dataclasses import dataclass, field

from drivers.idcard.frame import Reply, encode_request
from drivers.idcard.status import CARD_FOUND, DONE, FIND_FAILED, SELECT_FAILED


@dataclass(frozen=True, slots=True)
class Command:
    """`seconds`: suggested wait at 115200 (section 2). `sizes`: smallest and largest DATA of a good answer."""

    name: str
    code: int
    parameter: int
    seconds: float
    sizes: tuple[int, int]
    done: int = DONE
    private: bool = False
    owned: frozenset[int] = field(default=frozenset())  # statuses only this command can have

    @property
    def request(self) -> bytes:
        return encode_request(self.code, self.parameter)

    def is_answered_by(self, reply: Reply) -> bool:
        """Replies name no command: a late one is told by its status and size."""
        if reply.status in (DONE, CARD_FOUND):
            return reply.status == self.done and self.sizes[0] <= len(reply.data) <= self.sizes[1]
        return reply.status not in _OWNED or reply.status in self.owned


_OWNED = frozenset({FIND_FAILED, SELECT_FAILED})

SAM_STATUS = Command("sam_status", 0x11, 0xFF, 0.5, (0, 0))
SAM_ID = Command("sam_id", 0x12, 0xFF, 0.5, (16, 16))
FIND = Command("find_card", 0x20, 0x01, 0.6, (4, 4), CARD_FOUND, owned=frozenset({FIND_FAILED}))
SELECT = Command("select_card", 0x20, 0x02, 0.8, (8, 8), owned=frozenset({SELECT_FAILED}))
READ_BASE = Command("read_base", 0x30, 0x01, 3.5, (4, 0x0A00), private=True)
RESET = Command("reset_sam", 0x10, 0xFF, 1.5, (0, 0))
READ_APPEND = Command("read_append", 0x30, 0x03, 1.5, (1, 280), private=True)
READ_APPEND_OLD = Command("read_append_02", 0x30, 0x02, 1.5, (1, 280), private=True)
READ_CARD_NUMBERS = Command("read_iin_sn_dn", 0x30, 0x05, 1.5, (28, 28), private=True)
