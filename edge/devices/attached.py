"""One configured device inside a host: its health, its desired state, its verbs. The supervisor opens and closes it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

from pydantic import ValidationError

from drivers.contract import Context, Display, DocCamera, Driver, Health, Identity, Page
from drivers.errors import Absent, BadConfig, DeviceError, DriverFault, Late, OutcomeUnknown, Unsupported
from edge.devices import verbs
from edge.devices.taps import Taps
from edge.devices.worker_proxy import IsolatedDriver, Workers
from edge.site_sections.lines import Device

Tell = Callable[["Attached"], None]
# A mistake in one driver is that device's trouble and never its host's: every other device hangs on the same process.
MISTAKES: Final = (
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    ImportError,
    RuntimeError,
)


class Attached:
    """Outlives every driver object made for it: desired state and health stay while the device comes and goes."""

    def __init__(
        self, setup: Device, cls: type[Driver], ctx: Context, tell: Tell, workers: Workers | None = None
    ) -> None:
        self.setup = setup
        self.health = Health(state="starting")
        self.identity = Identity()
        self.desired: dict[str, Any] | None = None
        self.wanted = asyncio.Event()
        self.worker_fault: DriverFault | None = None  # its process was killed, or died, under the last driver
        self.suspect = asyncio.Event()  # a verb met trouble: look now, not at the next heartbeat
        self._cls = cls
        self._workers = workers
        self._ctx = ctx
        self._tell = tell
        self._driver: Driver | None = None
        self._turn = asyncio.Lock()
        self._applied_at = 0.0
        self.taps = Taps(ctx.clock)

    @property
    def id(self) -> str:
        return self.setup.id

    @property
    def is_busy(self) -> bool:
        return self._turn.locked()

    def build(self, link: Any) -> Driver:
        """Raises BadConfig when the options do not fit the driver."""
        try:
            config = self._cls.Config.model_validate(self.setup.options)
        except ValidationError as error:
            first = error.errors()[0]
            raise BadConfig(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        if self._cls.info.isolation == "loop":
            return self._cls(config, link, self._ctx)
        if self._workers is None or self.setup.link is None:
            raise BadConfig(f"{self.setup.driver} runs in a process of its own: it needs a link and a device host")
        return self._workers.driver(self._cls, config, self.setup.link, self.id)

    @asynccontextmanager
    async def opened(self, driver: Driver) -> AsyncIterator[Driver]:
        """Open, report ready, and close whatever happens in between."""
        if self.health.state not in ("absent", "fault"):  # trouble stands until it is over; tries are no news
            self.report(Health(state="starting"))
        try:
            self.identity = await driver.open()
            self._driver = driver
            self.report(Health(state="ready"))
            self.wanted.set()
            yield driver
        finally:
            self._driver = None
            await driver.close()
            if isinstance(driver, IsolatedDriver) and driver.fault:
                self.worker_fault = DriverFault(driver.fault)

    def report(self, health: Health) -> None:
        if health != self.health:
            self.health = health
            self._tell(self)

    def fail(self, error: DeviceError) -> None:
        state = "absent" if error.code in ("absent", "gone") else "fault"
        self.report(Health(state=state, code=error.code, detail=error.detail))

    def want(self, state: dict[str, Any] | None) -> None:
        if state != self.desired:
            self.desired = state
            self.wanted.set()

    async def keep_desired(self, driver: Driver) -> None:
        """Apply what is wanted now and whenever it changes; renew a leased page at a third of its lease."""
        while True:
            renew = self._lease(driver) / 3 or None
            try:
                async with asyncio.timeout(renew):
                    await self.wanted.wait()
            except TimeoutError:
                pass
            self.wanted.clear()
            if self.desired is not None or self._applied_at:
                async with self._turn:
                    await verbs.apply_desired(driver, self.desired)
                self._applied_at = self._ctx.clock()

    def _lease(self, driver: Driver) -> float:
        if isinstance(driver, Display) and self.desired is not None:
            return Page.model_validate(self.desired).lease
        return 0.0

    async def check(self, driver: Driver) -> None:
        """One heartbeat, skipped while a verb runs. Raises DeviceError when the device must be opened again."""
        if self.is_busy:
            return
        async with self._turn:
            try:
                async with asyncio.timeout(5.0):
                    health = await driver.check()
            except TimeoutError:
                raise Late("no answer to the heartbeat") from None
        self.report(health)

    async def call(self, verb: str, argument: dict[str, Any] | None, seconds: float) -> dict[str, Any]:
        """One verb with a deadline. Raises DeviceError; a verb with an effect that was cut off is OutcomeUnknown."""
        if verb == verbs.WIRE_TAP:
            return {"capture": self.taps.text()}  # also of a device that is in trouble: then most of all
        driver = self._driver
        if driver is None:
            raise Absent(self.health.detail or self.health.code)
        spec = verbs.spec_for(driver, verb)
        begun = False
        try:
            async with asyncio.timeout(seconds):
                async with self._turn:
                    begun = True
                    answer = await verbs.perform(driver, verb, argument)
        except TimeoutError:
            self.suspect.set()
            if spec.effect and begun:
                raise OutcomeUnknown(f"{verb}: no end within {seconds:g} s") from None
            raise Late(f"{verb}: not within {seconds:g} s") from None
        except DeviceError as error:
            self.suspect.set()
            if error.code in ("paper_out", "cover_open", "jam"):
                self.report(Health(state="fault", code=error.code, detail=error.detail))
            raise
        except MISTAKES as error:
            self.suspect.set()
            raise DriverFault(f"{verb}: {type(error).__name__}") from error
        if self.health.state == "fault":
            self.suspect.set()  # it works again: say so now
        return answer

    async def preview(self, rate: float) -> AsyncIterator[bytes]:
        """Small pictures while somebody takes them, beside whatever verb runs.

        Raises Absent, Unsupported, and what the driver raises.
        """
        driver = self._driver
        if driver is None:
            raise Absent(self.health.detail or self.health.code)
        if not isinstance(driver, DocCamera):
            raise Unsupported("preview: this device has no pictures")
        try:
            async with aclosing(driver.preview(rate)) as frames:  # type: ignore[type-var]
                async for frame in frames:
                    yield frame
        except DeviceError:
            self.suspect.set()
            raise
