"""Records the sessions of drivers that hang in sockets of a machine, listen, or have no wire, as record_ours.py does.

.venv/bin/python tests/drivers/conform/record_more.py [codes.serial ...]
"""

import asyncio
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import config
import drivers
from drivers.conform.real_lines import serve
from drivers.conform.record import Act, Play, record
from drivers.conform.recording import BusSetup, Origin, Step
from drivers.contract import Context
from drivers.links import register
from drivers.links.pcsc import PcscLink
from drivers.printer.ipp.conform import OfficePrinter
from hw_sim.hall import SimulatedHall
from hw_sim.pcsc.cards import ChipCard
from hw_sim.pcsc.chip import Chip
from hw_sim.scene import Scene

DRIVERS = Path(drivers.__file__).parent
SOCKETS = "pci-0000:00:14.0-usb-0:"
CODE = "119999199001010012"
TOKEN = "invented-token-of-pad-1"
NOTICE = {"id": "job", "lines": [{"text": "样本社区服务站"}, {"text": "A017", "size": 4}, {"text": "张测试"}]}
ASKED = {"nonce": "n", "seconds": 20.0}
IDENTIFY = Step(verb="identify", argument=1.0)
CHECK = Step(verb="check")
EVENT = Step(verb="event")


async def _in_socket(
    driver: str, device: str, link: str, steps: list[Step], to: Path, *, acts: Mapping[int, Any], **options: Any
) -> None:
    """`acts`: the simulator's actions before a step, each as (word, arguments)."""
    tree = YAML(typ="safe").load((config.folder() / "scenes" / "readers.yaml").read_text("utf-8"))
    tree["devices"] = [each for each in tree["devices"] if each["id"] == device]
    tree["machine"]["sockets"] = {device: tree["machine"]["sockets"][device]}
    with tempfile.TemporaryDirectory() as run:
        async with SimulatedHall(Scene.model_validate(tree), Path(run), seed=1) as hall:
            await asyncio.sleep(2)  # a module needs its time after power came

            def does(what: list[tuple[str, dict[str, Any]]]) -> Act:
                async def work() -> None:
                    for word, more in what:
                        hall.device(device).act(word, **more)
                        await asyncio.sleep(0.4)  # a finger's time

                return work

            play = Play(
                driver,
                f"{link}",
                tuple(steps),
                Origin(simulator=f"hw_sim {device.partition('-')[0]}"),
                options=options,
                acts={number: does(what) for number, what in acts.items()},
                root=str(Path(run) / "machine"),
            )
            await record(play, to)


def _press(*keys: str) -> list[tuple[str, dict[str, Any]]]:
    return [("press", {"key": key}) for key in keys]


SCAN = [("scan", {"text": CODE})]
_serial = partial(
    _in_socket,
    "codes.serial",
    "scanner-1",
    f"serial-at:{SOCKETS}1.2:1.0-port0?baud=9600",
    [Step(verb="scan"), CHECK, EVENT],
    acts={0: SCAN, 2: SCAN},
)
_keyboard = partial(
    _in_socket,
    "codes.keyboard",
    "scanner-2",
    f"input-at:{SOCKETS}2:1.0",
    [Step(verb="scan"), CHECK, EVENT],
    acts={0: SCAN, 2: SCAN},
)
_numeric = partial(
    _in_socket,
    "keypad.numeric",
    "keys-1",
    f"input-at:{SOCKETS}3:1.0",
    [
        Step(verb="display", argument={"ticket": "A017"}),
        EVENT,
        EVENT,
        Step(verb="beep", trouble="unsupported"),
        CHECK,
    ],
    acts={1: _press("enter"), 2: _press("1", "7", "enter")},
)
_rating = partial(
    _in_socket,
    "pad.keyboard",
    "keys-2",
    f"input-at:{SOCKETS}4:1.0",
    [Step(verb="ask", argument=ASKED), EVENT, EVENT, Step(verb="withdraw"), CHECK],
    acts={1: _press("2"), 2: _press("5")},
)
_sam_usb = partial(
    _in_socket,
    "idcard.sam_usb",
    "sam-3",
    f"usb-at:{SOCKETS}1.4?id=0316:5020",
    [Step(verb="read", seconds=30), CHECK, Step(verb="card_present")],
    acts={0: [("lay_card", {"card": "resident"})]},
    poll=0.1,
)


async def _tablet(driver: str, to: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"ws://127.0.0.1:{free.getsockname()[1]}"
    pad = {"id": "pad", "sim": "tablet", "url": url, "window": "1", "token": TOKEN}
    steps, acts, more = [Step(verb="pause", argument=3.0), CHECK], {}, {}
    with tempfile.TemporaryDirectory() as run:
        scene = Scene.model_validate({"scene": "tablet", "site": "station", "devices": [pad]})
        async with SimulatedHall(scene, Path(run), seed=1) as hall:
            if driver == "pad.tablet":
                again = Step(verb="ask", argument=ASKED | {"nonce": "m"})
                thanks = Step(verb="pause", argument=4.0)
                steps[1:1] = [
                    Step(verb="ask", argument=ASKED),
                    EVENT,
                    thanks,
                    again,
                    Step(verb="withdraw"),
                    EVENT,
                    IDENTIFY,
                ]
                acts = dict.fromkeys((2, 6), partial(hall.device("pad").act, "rate", level=5))
                more = {"bus": BusSetup(driver="pad.tablets"), "options": {"window": "1", "token": TOKEN}}
            await record(Play(driver, url, tuple(steps), Origin(simulator="hw_sim tablet"), acts=acts, **more), to)
    to.with_suffix(".jsonl").unlink()  # messages, not bytes: the bench plays a pad of its own


async def _notice(to: Path) -> None:
    printer = OfficePrinter()
    server = await asyncio.start_server(partial(serve, printer), "127.0.0.1", 0)
    sheets = Step(verb="sheets", argument=NOTICE)
    steps = (Step(verb="status"), sheets, Step(verb="print", argument=NOTICE, seconds=60), CHECK)
    link = f"ipp://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        origin = Origin(simulator="drivers.printer.ipp.conform")
        await record(Play("printer.ipp", link, (*steps, IDENTIFY), origin, options={"timeout": 5, "poll": 0.2}), to)
    to.with_suffix(".jsonl").unlink()  # operations, not bytes


class _ChipSession:
    """A simulated chip in the place of the service."""

    reader = "Line 00 00"

    def __init__(self, link: PcscLink, chip: Chip) -> None:
        self._link, self._chip = link, chip

    def enter(self) -> str:
        return self.reader

    def leave(self) -> None:
        """Nothing is held."""

    def card_is_in(self) -> bool:
        return True

    wait_for_card = card_is_in

    def with_card(self, work: Any) -> Any:
        return work(self._transmit)

    def _transmit(self, command: bytes) -> bytes:
        answer = self._chip.command(command)
        self._link.tap.record("out", command)  # type: ignore[attr-defined]  # the recorder's
        self._link.tap.record("in", answer)  # type: ignore[attr-defined]
        return answer


def _with_chip(url: str, ctx: Context) -> PcscLink:
    tree = YAML(typ="safe").load((config.folder() / "scenes" / "readers.yaml").read_text("utf-8"))
    chip = Chip(ChipCard.model_validate(next(card for card in tree["chip_cards"] if card["id"] == "social-1")))
    link = PcscLink(url, "", 0)
    link.new_session = lambda reader, slot: _ChipSession(link, chip)
    return link


async def _social(to: Path) -> None:
    steps = (Step(verb="read_social"), CHECK, Step(verb="card_present"))
    await record(Play("idcard.pcsc", "chip:social-1", steps, Origin(simulator="hw_sim pcsc")), to)


PLAYS: Mapping[str, tuple[str, Callable[[Path], Awaitable[None]]]] = {
    "codes.serial": ("codes/captures/serial.json", lambda to: _serial(to)),
    "codes.keyboard": ("codes/captures/keyboard.json", lambda to: _keyboard(to)),
    "keypad.numeric": ("keyboard/captures/numeric.json", lambda to: _numeric(to)),
    "pad.keyboard": ("keyboard/captures/rating.json", lambda to: _rating(to)),
    "idcard.sam_usb": ("idcard/captures/resident_usb.json", lambda to: _sam_usb(to)),
    "idcard.pcsc": ("idcard/captures/social.json", _social),
    "pad.tablets": ("pad/captures/tablets.json", partial(_tablet, "pad.tablets")),
    "pad.tablet": ("pad/captures/tablet.json", partial(_tablet, "pad.tablet")),
    "printer.ipp": ("printer/captures/notice.json", _notice),
}


async def main(names: list[str]) -> None:
    register("chip", _with_chip)
    for name in names or PLAYS:
        target, work = PLAYS[name]
        await work(DRIVERS / target)
        print(target)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
