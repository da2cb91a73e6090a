"""Every place of every driver: what a quick run samples, tried whole."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed

from drivers.conform import kit


def faults_of(
    drivers: Iterable[str], most: int | None = None, told: Callable[[str], None] = lambda line: None
) -> dict[str, list[str]]:
    """By driver: check and reasons of what failed though no real device is needed for it. `most`: as kit.run.

    A process for each driver, as many at once as there are cores; `told` hears how each one ended.
    """
    found: dict[str, list[str]] = {}
    new_process = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=new_process, max_tasks_per_child=1) as pool:
        runs = {pool.submit(_judged, driver, most): driver for driver in drivers}
        for run in as_completed(runs):
            faults, places, seconds = run.result()
            found[runs[run]] = faults
            told(f"{runs[run]}: {places} places, {len(faults)} faults, {seconds:.0f} s")
    return dict(sorted(found.items()))


def _judged(driver: str, most: int | None) -> tuple[list[str], int, float]:
    begun = time.monotonic()
    report = kit.run(driver, most)
    faults = [f"{fault.check}: {'; '.join(fault.why)}" for fault in report.faults]
    return faults, sum(result.tried for result in report.results), time.monotonic() - begun
