"""One unattended visit: a citizen takes a number, is called, is served, rates, and the centre knows.

Everything is done as people do it: taps on the kiosk's screen, a card on the reader, keys on keypad and pad. Everything
is believed only as people see it: paper, panel pixels, what was said, the verified journal, the centre's own report.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hw_sim.box.led_reader import read_panel
from hw_sim.demo.clerk import ClerkAtWindow, Refused
from hw_sim.demo.route import NoRoute, Route, route_of
from hw_sim.demo.station import BIN, Station

PATIENCE: Final = 20.0
HESITATION: Final = 1.0  # nobody reads a question and presses in no time; who does, meets the clerk's key on the line
PAGE: Final = "id-copy"  # of the scene
VERY_SATISFIED_KEY: Final = 4  # the right-most key of a 5-key pad (protocol page rating_pad, section 1)


class NotSeen(Exception):
    """Something that should have happened was not seen in time; the message says what."""


@dataclass(slots=True)
class Visit:
    """Drives one visit through a running station. `report` is filled step by step, `seconds` with each step's time."""

    station: Station
    pictures: Path
    report: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    route: Route = field(init=False)

    def __post_init__(self) -> None:
        """Raises NotSeen when the hall has nothing to make this visit with."""
        try:
            self.route = route_of(self.station.folder / "site.yaml")
        except NoRoute as lack:
            raise NotSeen(str(lack)) from lack

    async def run(self) -> dict[str, Any]:
        """What was seen, by step, with `seconds` of each. Raises NotSeen: which step, and what was missing."""
        steps = (self.take_number, self.called, self.spoken, self.received, self.served, self.rated)
        for step in (*steps, self.delivered, self.checked):
            began = time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE * 2):
                    await step()
            except TimeoutError as error:
                raise NotSeen(f"{step.__name__}: not seen within {PATIENCE * 2:g} s") from error
            except Refused as refusal:
                raise NotSeen(f"{step.__name__}: {refusal}") from refusal
            self.seconds[step.__name__] = round(time.monotonic() - began, 3)
        self.report["seconds"] = self.seconds
        return self.report

    async def take_number(self) -> None:
        kiosk = self.station.screens["kiosk"]
        reader, printer = self._device(self.route.reader), self._device(self.route.printer)
        before = printer.view()["printed"]
        await kiosk.page("service")
        await self._keep("kiosk-1-service.png")
        await kiosk.tap(f"service_{self.route.service}")
        await kiosk.page("card")
        await self._keep("kiosk-2-card.png")
        await kiosk.tap("use_card")
        await kiosk.page("reading")
        reader.act("lay_card", card="card-1")
        await kiosk.page("holder")
        await kiosk.tap("confirm")
        await kiosk.page("number")
        await printer.changed.until(lambda: printer.view()["printed"] > before)
        await self._keep("kiosk-3-number.png")
        reader.act("lift_card")
        self._read_paper(printer)
        await kiosk.tap("done")
        await kiosk.page("service")

    def _read_paper(self, printer: Any) -> None:
        view = printer.view()
        number = next((line for line in view["last_ticket"]["lines"] if _is_number(line)), None)
        if number is None:
            raise NotSeen(f"no number on the paper: {view['last_ticket']['lines']}")
        if view["errors"]:
            raise NotSeen(f"the printer met bytes that it does not know: {view['errors']}")
        png = self.pictures / "ticket.png"
        png.write_bytes(printer.picture())
        self.report["ticket"] = number.strip()
        self.report["printed"] = {"bytes": view["last_ticket"]["bytes"], "png": str(png)}

    async def called(self) -> None:
        number, panel = self.report["ticket"], self._device(self.route.display)
        self._device(self.route.keypad).act("press", key="call")
        wanted = f"请{number}号"

        def shows_call() -> bool:
            return read_panel(panel.panel_image(), [wanted]) == wanted

        await panel.changed.until(shows_call)
        png = self.pictures / "led.png"
        png.write_bytes(panel.picture())
        self.report["led"] = {"frames": panel.view()["frames"], "text": wanted, "png": str(png)}
        await self._keep_board()

    async def spoken(self) -> None:
        speaker = self._device(self.route.speaker)
        await speaker.changed.until(lambda: bool(speaker.view()["said"]))
        self.report["spoken"] = [said["text"] for said in speaker.view()["said"]]
        if not any(self.report["ticket"] in text for text in self.report["spoken"]):
            raise NotSeen(f"the number was not said: {self.report['spoken']}")

    async def received(self) -> None:
        """The case: one page under the camera, one receipt in the citizen's hand."""
        printer, camera = self._device(self.route.paper), self._device(self.route.camera)
        before = printer.view()["printed"]
        async with ClerkAtWindow(self.station.hall_url, self.route.window) as clerk:
            await clerk.start()
            case = await clerk.open_case("张测试", "119999199001010012")
            camera.act("lay_page", page=PAGE)
            await clerk.take_page(case["case"])
            await clerk.mark_provided(case["case"])
            done = await clerk.receive(case["case"])
            await printer.changed.until(lambda: printer.view()["printed"] > before)
            camera.act("lift_page")
        self._read_receipt(printer, done)

    def _read_receipt(self, printer: Any, case: dict[str, Any]) -> None:
        lines = printer.view()["last_ticket"]["lines"]
        number = case["papers"][0]["number"]
        if not any(number in line for line in lines):
            raise NotSeen(f"receipt {number} is not on the paper: {lines}")
        png = self.pictures / "receipt.png"
        png.write_bytes(printer.picture())
        self.report["case"] = case["number"]
        self.report["materials"] = sum(material["state"] == "provided" for material in case["materials"])
        self.report["receipt"] = {"number": number, "png": str(png)}
        self.report["files"] = {"count": sum(len(material["pages"]) for material in case["materials"]), "delivered": 0}

    async def served(self) -> None:
        pad = self._device(self.route.pad)
        self._device(self.route.keypad).act("press", key="evaluate")
        await pad.changed.until(lambda: pad.view()["state"] == "rate")

    async def rated(self) -> None:
        pad = self._device(self.route.pad)
        rating: dict[str, Any] | None = None
        while rating is None:
            if pad.view()["state"] == "rate":
                await asyncio.sleep(HESITATION)
                pad.act("rate", value=VERY_SATISFIED_KEY)
            records = await self._records("rating.given")
            rating = records[-1]["body"] if records else None
        self.report["rating"] = {"level": rating["level"], "by": rating["by"]}

    async def delivered(self) -> None:
        while True:
            verdict = await self._tool("hallctl", "journal", "verify", str(self.station.journal), "--json")
            self.report["journal"] = {"records": verdict["records"], "verified": verdict["first_bad"] is None}
            centre = await self._centre()
            self.report["centre"] = centre
            files = self.report["files"]
            files["delivered"] = centre.pop("files", {}).get("delivered", 0)
            if (
                centre["records"] >= verdict["records"]
                and not centre["missing"]
                and files["delivered"] == files["count"]
            ):
                return
            await asyncio.sleep(0.3)

    async def checked(self) -> None:
        wrong = [
            name
            for name, fine in {
                "rating": self.report["rating"]["level"] == "very_satisfied",
                "journal": self.report["journal"]["verified"],
                "centre": self.report["centre"]["duplicates"] == 0,
            }.items()
            if not fine
        ]
        if wrong:
            raise NotSeen(f"wrong in the end: {', '.join(wrong)}")

    # --- looking ----------------------------------------------------------------------------------------------------

    def _device(self, name: str) -> Any:
        return self.station.hall.device(name)

    async def _keep(self, name: str) -> None:
        (self.pictures / name).write_bytes((await self.station.screens["kiosk"].picture()).png)

    async def _keep_board(self) -> None:
        board = self.station.screens["board"]
        number = self.report["ticket"]
        async with asyncio.timeout(PATIENCE):
            while number not in json.dumps(await board.look(), ensure_ascii=False):
                await asyncio.sleep(0.1)
        (self.pictures / "board.png").write_bytes((await board.picture()).png)

    async def _records(self, kind: str) -> list[dict[str, Any]]:
        journal = str(self.station.journal)
        shown = await self._output("hallctl", "journal", "show", journal, "--kind", kind, "--json")
        return [json.loads(line) for line in shown.splitlines()]

    async def _centre(self) -> dict[str, Any]:
        database = str(self.station.centre_db)
        report = await self._tool("hall-centre", "report", "--db", database, "--site", self.station.code, "--json")
        return {name: report[name] for name in ("records", "missing", "duplicates", "files") if name in report}

    async def _tool(self, program: str, *words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await self._output(program, *words))
        return found

    async def _output(self, program: str, *words: str) -> str:
        """What a command of ours says, run as a technician would run it."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(BIN / program), *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
        if process.returncode:
            raise NotSeen(f"{program} {' '.join(words[:2])}: {err.decode().strip()[-400:]}")
        return out.decode()


def _is_number(line: str) -> bool:
    text = line.strip()
    return 4 <= len(text) <= 6 and text[:1].isupper() and text[-3:].isdigit() and text.isascii()
