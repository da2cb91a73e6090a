"""Whoever stalls at the door keeps nobody else waiting."""

import asyncio
import socket

from edge.devices.remote_door import MOST_OF_ONE_ADDRESS, tls_listener
from edge.pairing.tls import joining_context, pairing_context


async def test_one_machine_that_stalls_delays_no_other(authority, moments):
    server, _ = authority.server(moments.now())
    greeted = asyncio.Event()

    async def serve(reader, writer, address):
        greeted.set()

    stalled = []
    try:
        async with tls_listener("127.0.0.1:0", pairing_context(server), serve) as port:
            for _ in range(3 * MOST_OF_ONE_ADDRESS):
                stalled.append(socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)))
            async with asyncio.timeout(30):
                _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=joining_context())
                await greeted.wait()
            writer.close()
            ended = 0
            for one in stalled[MOST_OF_ONE_ADDRESS:]:
                one.settimeout(1)
                ended += await asyncio.to_thread(one.recv, 1) == b""
            assert ended == 2 * MOST_OF_ONE_ADDRESS
    finally:
        for one in stalled:
            one.close()
