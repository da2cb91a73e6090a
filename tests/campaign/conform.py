"""Every place of every driver: what a quick run samples, tried whole."""

from collections.abc import Iterable

from drivers.conform import kit


def faults_of(drivers: Iterable[str], most: int | None = None) -> dict[str, list[str]]:
    """By driver: check and reasons of what failed though no real device is needed for it. `most`: as kit.run."""
    return {
        driver: [f"{fault.check}: {'; '.join(fault.why)}" for fault in kit.run(driver, most).faults]
        for driver in drivers
    }
