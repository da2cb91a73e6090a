"""What a technician may see and do: every device with its state, in his words; which one it is; what the broker lets
through.
"""

from fastapi import HTTPException, Request, Response

from edge.api import snapshots
from edge.api.access import allow
from edge.api.routes_public import Hall, Who
from edge.api.station_schema import DeviceSnapshot, IsolationReport


@allow("technician")
async def devices(request: Request, hall: Hall, who: Who) -> tuple[DeviceSnapshot, ...]:
    return snapshots.all_devices(hall, who, request.state.language)


@allow("technician")
async def identify(device: str, hall: Hall) -> Response:
    if all(known.id != device for known in hall.site.devices):
        raise HTTPException(404, "no such device")
    await hall.identify(device)
    return Response(status_code=204)


@allow("technician")
async def isolation(hall: Hall) -> IsolationReport:
    return await hall.try_isolation()
