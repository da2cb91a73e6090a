"""Fixtures of the simulators' tests."""

from collections.abc import AsyncIterator

import pytest

from hw_sim.clock import VirtualClock
from tests.hw_sim.hosts import Bench, Tcp, TcpHost, connect


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def tcp() -> AsyncIterator[Tcp]:
    """`await tcp(link)`; closed at the end of the test."""
    hosts: list[TcpHost] = []

    async def open_one(link: str) -> TcpHost:
        hosts.append(await connect(link))
        return hosts[-1]

    yield open_one
    for host in hosts:
        host.writer.close()


@pytest.fixture
def bench(clock: VirtualClock) -> Bench:
    return Bench(clock)
