import pytest

from tests.support.centre_process import CentreProcess
from tests.support.iotcore_broker import IotcoreBroker
from tests.support.mosquitto import Mosquitto


@pytest.fixture
def mosquitto(tmp_path):
    """A broker that is not started yet; `start()`, `kill(wipe=…)`, `url`."""
    broker = Mosquitto(tmp_path)
    yield broker
    broker.kill()


@pytest.fixture
def iotcore():
    broker = IotcoreBroker()
    yield broker
    broker.kill()


@pytest.fixture(params=["mosquitto", "iotcore"])
def broker(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def centre_at(tmp_path):
    """Make a `hall-centre` for a broker URL; not started yet."""
    made = []

    def make(url):
        made.append(CentreProcess(tmp_path, url))
        return made[-1]

    yield make
    for centre in made:
        centre.kill()
