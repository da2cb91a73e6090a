"""The broker of a canary run: mosquitto, which keeps what it must on its disk, or the demo's embedded one."""

import asyncio
import getpass
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hw_sim.demo.station import Station
from sync.protocol import topics
from tests.system import evidence

Kind = Literal["mosquitto", "embedded"]
_SETTINGS: Final = """\
listener {port} 127.0.0.1
allow_anonymous true
user {user}
persistence true
persistence_location {data}/
persistence_file mosquitto.store
max_queued_messages 0
max_queued_bytes 0
log_dest file {data}/mosquitto.log
log_type all
"""
_A_DAY_S: Final = 86_400


class Broker(Protocol):
    def take_over(self, made: Station) -> None:
        """Be the station's broker; it does not run yet."""

    async def sleeper(self, port: int) -> None:
        """Somebody subscribes to everything and goes away, so that a broker with a disk keeps all of it for him."""

    async def store(self, made: Station) -> int:
        """Bytes that the broker keeps on its disk, once it has written all of it down."""


class Embedded:
    """Has no disk."""

    def take_over(self, made: Station) -> None:
        pass

    async def sleeper(self, port: int) -> None:
        pass

    async def store(self, made: Station) -> int:
        return 0


class Mosquitto:
    def take_over(self, made: Station) -> None:
        self._data = made.folder / "mosquitto"
        self._data.mkdir()
        settings = self._data / "mosquitto.conf"
        settings.write_text(_SETTINGS.format(port=made.broker_port, user=getpass.getuser(), data=self._data))
        made.programs["broker"].argv = [program(), "-c", str(settings)]

    async def sleeper(self, port: int) -> None:
        await asyncio.to_thread(_subscribe_and_leave, port)

    async def store(self, made: Station) -> int:
        """Without records in it the file would prove nothing."""
        kept, pid = self._data / "mosquitto.store", made.programs["broker"].pid
        assert pid is not None
        os.kill(pid, signal.SIGUSR1)  # mosquitto(8): write the persistence database now
        topic = topics.topic(made.code, topics.JOURNAL).encode()
        await evidence.seen(lambda: kept.exists() and topic in kept.read_bytes(), 20, "records on the broker's disk")
        return kept.stat().st_size


BROKERS: Final[Mapping[Kind, Callable[[], Any]]] = {"mosquitto": Mosquitto, "embedded": Embedded}


def program() -> str:
    """'' where there is none."""
    return shutil.which("mosquitto") or ("/usr/sbin/mosquitto" if Path("/usr/sbin/mosquitto").exists() else "")


def usual() -> Kind:
    return "mosquitto" if program() else "embedded"


def _subscribe_and_leave(port: int) -> None:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, client_id="sleeper")
    client.on_connect = lambda *_: client.subscribe("#", qos=1)
    client.on_subscribe = lambda *_: client.disconnect()
    lasting = Properties(PacketTypes.CONNECT)
    lasting.SessionExpiryInterval = _A_DAY_S
    client.connect("127.0.0.1", port, clean_start=False, properties=lasting)
    client.loop_forever()
