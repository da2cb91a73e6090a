"""What a technician may see: every device with its state, in his words."""

from fastapi import Request

from edge.api import snapshots
from edge.api.access import allow
from edge.api.routes_public import Hall, Who
from edge.api.schema import DeviceSnapshot


@allow("technician")
async def devices(request: Request, hall: Hall, who: Who) -> tuple[DeviceSnapshot, ...]:
    return snapshots.devices(hall.devices(), who, request.state.language)
