import itertools

import pytest

from bench.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres():
    """A server that runs; `new_database()`."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_centre_database(request, tmp_path):
    """Make the address of an empty database, as `hall-centre run --db` takes it."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres").new_database
    numbers = itertools.count()
    return lambda: tmp_path / f"centre{next(numbers)}.db"
