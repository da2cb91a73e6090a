"""A hand-written reader of ID cards, as published ones are: pyserial, seven bytes, then as many as they say.

`card_loop.py PORT CARDS` says one line of JSON: seconds of each card.
"""

import json
import sys
import time
from functools import reduce
from operator import xor

import serial

_PREAMBLE = bytes.fromhex("AAAAAA9669")
_COMMANDS = (b"\x20\x01", b"\x20\x02", b"\x30\x03", b"\x30\x01")


def ask(port: serial.Serial, command: bytes) -> bytes:
    counted = b"\x00\x03" + command
    port.reset_input_buffer()
    port.write(_PREAMBLE + counted + bytes([reduce(xor, counted)]))
    head: bytes = port.read(7)
    body: bytes = port.read(int.from_bytes(head[5:], "big"))
    if len(head) < 7 or reduce(xor, head[5:] + body):
        raise SystemExit("a damaged answer")
    return body


def card(port: serial.Serial) -> str:
    for command in _COMMANDS:
        body = ask(port, command)
    text = body[7:263].decode("utf-16-le")
    return text[61:79]


def main() -> None:
    path, cards = sys.argv[1], int(sys.argv[2])
    spent = []
    with serial.Serial(path, 115200, timeout=3) as port:
        for _ in range(cards):
            began = time.perf_counter()
            if not card(port).strip():
                raise SystemExit("no number")
            spent.append(time.perf_counter() - began)
    print(json.dumps(spent))


if __name__ == "__main__":
    main()
