"""The machine's clocks, in milliseconds."""

import time


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def up_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000
