"""The chip in the card: APDUs in, responses out (idcard.md 8.1-8.3, ISO 7816-4). No reader and no time here."""

from hw_sim.pcsc.cards import ChipCard, Record

SSSE = "sx1.sh.社会保障".encode("gbk")
CONTACT_DIRECTORY, CONTACTLESS_DIRECTORY = b"1PAY.SYS.DDF01", b"2PAY.SYS.DDF01"
BANK_AID = bytes.fromhex("A000000333010101")
_AREAS = {bytes.fromhex("D15600000500") + bytes([number]) for number in range(7)} | {bytes.fromhex("D15600000500")}
OK = b"\x90\x00"
NO_FILE, NO_RECORD, WRONG_LENGTH, WRONG_PARAMETERS = b"\x6a\x82", b"\x6a\x83", b"\x67\x00", b"\x6a\x86"
NO_INSTRUCTION, NO_CLASS, NO_FILE_CHOSEN, NOT_ALLOWED = b"\x6d\x00", b"\x6e\x00", b"\x69\x86", b"\x69\x82"
PIN_BLOCKED = b"\x69\x83"
_PIN_TRIES = 3
# Makes the answer to the social-security environment 30 bytes long, as seen (61 1E).
_ISSUER_DATA = bytes.fromhex("A5099F0C06119999202001")


class Chip:
    """Power or reset puts it back to the beginning. `pin_tries`: what is left; a wrong PIN costs one for good."""

    def __init__(self, card: ChipCard) -> None:
        self.card = card
        self.pin_tries = _PIN_TRIES
        self.reset()

    def reset(self) -> None:
        self._application = b""
        self._file = 0
        self._response = b""

    def command(self, apdu: bytes) -> bytes:
        if len(apdu) < 4:
            return WRONG_LENGTH
        if apdu[0] != 0x00:
            return NO_CLASS
        if len(apdu) > 5 and len(apdu) not in (5 + apdu[4], 6 + apdu[4]):
            return WRONG_LENGTH
        instruction, p1, p2 = apdu[1:4]
        data = apdu[5 : 5 + apdu[4]] if len(apdu) > 5 else b""
        expected = apdu[-1] if len(apdu) == 5 or len(apdu) == 6 + len(data) else None
        if instruction == 0xC0:
            return self._get_response(expected or 0)
        self._response = b""
        match instruction:
            case 0xA4:
                return self._select(p1, p2, data, expected)
            case 0xB2:
                return self._read(p1, p2, expected)
            case 0x20:
                return self._verify(data)
            case 0x84 if expected:
                return bytes(expected) + OK
        return NO_INSTRUCTION

    def _select(self, p1: int, p2: int, data: bytes, expected: int | None) -> bytes:
        if p1 == 0x04 and p2 == 0x00:
            return self._choose(data, expected)
        if p1 in (0x00, 0x02) and len(data) == 2:
            return self._choose_file(data)
        return WRONG_PARAMETERS

    def _choose(self, name: bytes, expected: int | None) -> bytes:
        applications: list[bytes] = []
        if self.card.kind == "social":
            applications += [SSSE, *_AREAS]
        if self.card.kind == "bank" or (self.card.kind == "social" and self.card.bank):
            applications += [BANK_AID, CONTACTLESS_DIRECTORY if self.card.contactless else CONTACT_DIRECTORY]
        if name not in applications:
            return NO_FILE
        self._application, self._file = name, 0
        template = bytes([0x84, len(name)]) + name + _ISSUER_DATA
        told = bytes([0x6F, len(template)]) + template
        if self.card.t0:  # a command that carries data never brings any back: 61xx says how much lies ready
            self._response = told
            return bytes([0x61, len(told)])
        return OK if expected is None else told[: expected or None] + OK

    def _choose_file(self, name: bytes) -> bytes:
        if name == b"\x3f\x00":
            self._application, self._file = b"", 0
            return OK
        if self._application != SSSE or name not in (b"\xef\x05", b"\xef\x06"):
            return NO_FILE
        self._file = name[1]
        return OK

    def _get_response(self, expected: int) -> bytes:
        response, count = self._response, expected or 256
        if not response:
            return NO_FILE_CHOSEN
        if count != 256 and count > len(response):
            return bytes([0x6C, len(response)])
        self._response = response[count:]
        rest = bytes([0x61, len(self._response)]) if self._response else OK
        return response[:count] + rest

    def _read(self, p1: int, p2: int, expected: int | None) -> bytes:
        short, by_number = p2 >> 3, p2 & 0x07 == 0x04
        if p2 & 0x07 not in (0x00, 0x04):
            return WRONG_PARAMETERS
        if self._application == BANK_AID:
            return self._read_bank(p1, short, expected)
        if self._application != SSSE or short not in (0, 0x05, 0x06):
            return NO_FILE
        self._file = short or self._file
        if not self._file:
            return NO_FILE_CHOSEN
        records = self.card.ef05() if self._file == 0x05 else self.card.ef06()
        if by_number:
            record = records[p1 - 1] if 1 <= p1 <= len(records) else None
        else:
            record = next((one for one in records if one[0] == p1), None)
        if record is None:
            return NO_RECORD
        if self._file == 0x06 and self.card.generation == 3:
            if self.card.locked == "6982":
                return NOT_ALLOWED
            record = (record[0], b"")
        return self._fitted(_encoded(record), expected)

    def _read_bank(self, p1: int, short: int, expected: int | None) -> bytes:
        if short != 1 or p1 != 1:
            return NO_RECORD if short in (1, 2, 3) else NO_FILE
        account = self.card.account
        packed = bytes.fromhex(account + "F" * (len(account) % 2))
        expiry = bytes.fromhex((self.card.valid_to or "20400101")[2:])
        record = bytes([0x5A, len(packed)]) + packed + bytes([0x5F, 0x24, 3]) + expiry
        return self._fitted(bytes([0x70, len(record)]) + record, expected)

    def _fitted(self, data: bytes, expected: int | None) -> bytes:
        wanted = expected or 0
        if wanted != len(data) and (wanted or self.card.exact_le):
            return bytes([0x6C, len(data)])
        return data + OK

    def _verify(self, data: bytes) -> bytes:
        """No PIN is right: whoever sends one guesses."""
        if data and self.pin_tries:
            self.pin_tries -= 1
        return bytes([0x63, 0xC0 | self.pin_tries]) if self.pin_tries else PIN_BLOCKED


def _encoded(record: Record) -> bytes:
    tag, value = record
    return bytes([tag, len(value)]) + value
