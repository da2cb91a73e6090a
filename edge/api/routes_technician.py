"""What a technician may see and do: every device with its state, in his words; and which one it is."""

from fastapi import HTTPException, Request, Response

from edge.api import snapshots
from edge.api.access import allow
from edge.api.routes_public import Hall, Who
from edge.api.schema import DeviceSnapshot


@allow("technician")
async def devices(request: Request, hall: Hall, who: Who) -> tuple[DeviceSnapshot, ...]:
    return snapshots.all_devices(hall, who, request.state.language)


@allow("technician")
async def identify(device: str, hall: Hall) -> Response:
    if all(known.id != device for known in hall.site.devices):
        raise HTTPException(404, "no such device")
    await hall.identify(device)
    return Response(status_code=204)
