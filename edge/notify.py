"""Tells systemd that the daemon is ready and alive (sd_notify). Without systemd nothing happens."""

import asyncio
import os
import socket


def notify(message: str) -> None:
    """One datagram to NOTIFY_SOCKET: `READY=1`, `WATCHDOG=1`, `STATUS=…`."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(address)
        sender.send(message.encode())


async def keep_watchdog() -> None:
    """Pet the watchdog from the loop itself: a loop that hangs is a daemon to restart."""
    interval = int(os.environ.get("WATCHDOG_USEC", "0")) / 1_000_000
    if not interval:
        return
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(interval / 3)
