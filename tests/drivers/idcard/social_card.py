"""A social-security card played from the protocol page's sections 8.1 and 8.2, for any way of asking."""

from collections.abc import Callable

SSSE = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
EF05 = (
    bytes.fromhex("0110 119999D15600000500119999FFFFFFFF".replace(" ", "")),
    b"\x02\x011",
    b"\x03\x042.00",
    bytes.fromhex("040C119999000000000000000000"),
    bytes.fromhex("050420200101"),
    bytes.fromhex("060420400101"),
    b"\x07\x09TEST00001",
)
EF06 = (
    b"\x08\x12119999199001010012",
    b"\x09\x1e" + "张测试".encode("gbk").ljust(30, b"\0"),
    b"\x4e\x0a" + bytes(10),
    b"\x0a\x011",
    bytes.fromhex("0B0101"),
    bytes.fromhex("0C03119999"),
    bytes.fromhex("0D0419900101"),
)


def social_card(
    ef05: tuple[bytes, ...] = EF05,
    ef06: tuple[bytes, ...] = EF06,
    *,
    t0: bool = False,
    exact: bool = False,
    by_file: bool = False,
    withheld: frozenset[int] = frozenset(),
) -> Callable[[bytes], bytes]:
    """`t0`: 61xx after SELECT. `exact`: 6700 for a wrong length. `by_file`: no short file ids. `withheld`: tags."""
    files = {5: ef05, 6: ef06}
    state = {"file": 0}

    def answer(apdu: bytes) -> bytes:
        if apdu == SSSE:
            return b"\x61\x1e" if t0 else b"\x90\x00"
        if apdu[:4] == bytes.fromhex("00C00000"):
            return bytes(apdu[4]) + b"\x90\x00"
        if apdu[:2] == b"\x00\xa4":
            if apdu[2:4] != b"\x02\x00" or apdu[5:6] != b"\xef":
                return b"\x6a\x86"
            state["file"] = apdu[6]
            return b"\x90\x00"
        if apdu[:2] == b"\x00\xb2":
            return read(apdu)
        assert apdu[1] != 0x20, "never a PIN"
        return b"\x6d\x00"

    def read(apdu: bytes) -> bytes:
        short = apdu[3] >> 3
        if short and by_file:
            return b"\x6a\x82"
        records = files.get(short or state["file"])
        if records is None:
            return b"\x6a\x82"
        if not 1 <= apdu[2] <= len(records):
            return b"\x6a\x83"
        record = records[apdu[2] - 1]
        if record[:1] and record[0] in withheld:
            return b"\x69\x82"
        if exact and apdu[4] != len(record):
            return b"\x67\x00"
        if apdu[4] not in (0, len(record)) or (t0 and apdu[4] == 0):
            return bytes([0x6C, len(record)])
        return record + b"\x90\x00"

    return answer
