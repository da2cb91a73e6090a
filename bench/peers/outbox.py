"""A hand-written uplink: an SQLite table of rows to send, one MQTT message (QoS 1) a row, gone when the broker has it.

`outbox.py DATABASE PORT`: says `ready` when connected, begins at the line `go`, says `empty` when every row is
acknowledged by the broker and deleted.
"""

import queue
import sqlite3
import sys
import threading

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

TOPIC = "peer/records"
_MOST_OUT = 200
_DELETED_TOGETHER = 200


class Outbox:
    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=wal")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE IF NOT EXISTS outbox(id INTEGER PRIMARY KEY, raw BLOB NOT NULL)")

    def put(self, raws: list[bytes]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO outbox(raw) VALUES(?)", ((raw,) for raw in raws))
        self._db.execute("COMMIT")

    def after(self, last: int, limit: int) -> list[tuple[int, bytes]]:
        return self._db.execute("SELECT id, raw FROM outbox WHERE id > ? ORDER BY id LIMIT ?", (last, limit)).fetchall()

    def delete(self, ids: list[int]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("DELETE FROM outbox WHERE id = ?", ((id,) for id in ids))
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()


def main() -> None:
    database, port = sys.argv[1:]
    outbox = Outbox(database)
    connected = threading.Event()
    acknowledged: queue.SimpleQueue[int] = queue.SimpleQueue()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="peer-site", protocol=paho.MQTTv5)
    client.max_inflight_messages_set(_MOST_OUT)
    client.on_connect = lambda *_: connected.set()
    client.on_publish = lambda _client, _data, mid, *_: acknowledged.put(mid)
    client.connect("127.0.0.1", int(port))
    client.loop_start()
    connected.wait(10)
    print("ready", flush=True)
    sys.stdin.readline()
    send_all(outbox, client, acknowledged)
    print("empty", flush=True)
    sys.stdin.readline()


def send_all(outbox: Outbox, client: paho.Client, acknowledged: "queue.SimpleQueue[int]") -> None:
    out: dict[int, int] = {}  # message id -> row
    done: list[int] = []
    last = 0
    while True:
        rows = outbox.after(last, _MOST_OUT - len(out))
        for row, raw in rows:
            out[client.publish(TOPIC, raw, qos=1).mid] = last = row
        if not out:
            break
        done.append(out.pop(acknowledged.get()))
        while not acknowledged.empty():
            done.append(out.pop(acknowledged.get()))
        if len(done) >= _DELETED_TOGETHER:
            outbox.delete(done)
            done = []
    outbox.delete(done)


if __name__ == "__main__":
    main()
