"""Everything a driver needs is imported from one place, wherever it stands."""

import inspect

from drivers import capabilities, contract
from drivers.conform.capabilities import all_verbs


def test_the_contract_gives_all_that_devices_can_do() -> None:
    made_there = {
        name
        for name, value in vars(capabilities).items()
        if inspect.isclass(value) and value.__module__ == capabilities.__name__
    }
    assert {"Page", "IdRecord", "Printer", "DocCamera"} <= made_there
    assert made_there <= set(contract.__all__)
    assert all(getattr(contract, name) is getattr(capabilities, name) for name in made_there)
    assert {verb.capability for verb in all_verbs().values()} <= made_there
