"""The kit as a pytest plug-in: one test a check.

    @pytest.mark.conform("maker.lamp")
    def test_stands_everything(conformance):
        conformance()

Nothing of the kit is imported before a test asks for it.
"""

from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "conform(driver, ...): run the conformance kit's checks on these drivers")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("conform")
    if "conformance" not in metafunc.fixturenames or marker is None:
        return
    from drivers.conform.kit import RUNNABLE

    tries = [(driver, check) for driver in marker.args for check in RUNNABLE]
    metafunc.parametrize("conformance", tries, ids=[f"{driver}-{check}" for driver, check in tries], indirect=True)


@pytest.fixture
def conformance(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], None]:
    """Runs its one check; fails with the check's reasons, with a secret heard, or with something left behind."""
    driver, check = request.param

    def run() -> None:
        from drivers.conform.kit import run_alone

        faults = run_alone(driver, check, tmp_path)
        assert not faults, f"{driver} {check}:\n" + "\n".join(faults)

    return run
