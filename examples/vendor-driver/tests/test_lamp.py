import pytest


@pytest.mark.conform("example.window_lamp")
def test_it_stands_everything(conformance):
    conformance()
