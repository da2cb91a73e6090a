"""The one thread that runs asyncio. Qt stays in the main thread; they talk by queued signals and `post`."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any


class LoopThread:
    """`work` runs until it ends or `stop`; `ended(error)` is called on this thread, None = stopped."""

    def __init__(
        self, work: Callable[[], Coroutine[Any, Any, None]], ended: Callable[[BaseException | None], None]
    ) -> None:
        self._work = work
        self._ended = ended
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="hall-client", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def post(self, call: Callable[[], None]) -> None:
        """Run `call` on the loop; from any thread. Nothing happens after the end."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    def stop(self, seconds: float = 2.0) -> None:
        """Cancel and wait; returns when the thread has ended or `seconds` are over."""
        if self._thread.is_alive():
            self.post(self._cancel)
            self._thread.join(seconds)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        error: BaseException | None = None
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._main())
            except asyncio.CancelledError:
                pass
            except BaseException as failed:  # noqa: BLE001 - handed to the main thread, which ends the process
                error = failed
        self._ended(error)

    async def _main(self) -> None:
        self._task = asyncio.current_task()
        await self._work()
