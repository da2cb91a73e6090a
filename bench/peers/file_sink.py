"""Files over plain TCP: length and name, then the bytes; kept as durably as the centre keeps one, then one byte back.

`file_sink.py FOLDER COUNT`: says `listening PORT`, then takes COUNT files over one connection, says `complete`.
`send` is its other end.
"""

import hashlib
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

_HEAD = 8 + 32


def send(port: int, files: Sequence[Path]) -> None:
    """All of them one behind the other; back when the last is durable there."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        for path in files:
            data = path.read_bytes()
            line.sendall(len(data).to_bytes(8, "big") + bytes.fromhex(path.name) + data)
        missing = len(files)
        while missing:
            missing -= len(line.recv(missing))


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        print("listening", server.getsockname()[1], flush=True)
        line, _ = server.accept()
        with line, line.makefile("rb", buffering=1 << 18) as stream:
            for _ in range(count):
                head = stream.read(_HEAD)
                keep(folder, head[8:].hex(), stream.read(int.from_bytes(head[:8], "big")))
                line.sendall(b"\x01")
    print("complete", flush=True)


def keep(folder: Path, name: str, data: bytes) -> None:
    if hashlib.sha256(data).hexdigest() != name:
        raise ValueError(name)
    part = folder / f"{name}.part"
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(folder / name)
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


if __name__ == "__main__":
    main()
