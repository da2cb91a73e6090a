"""Batches at a window: sealed by the clerk, counted and signed for by a second person, differences settled by two."""

from fastapi import Request, Response

from edge.api import handover_snapshots
from edge.api.access import Caller, allow
from edge.api.handover_schema import (
    BatchList,
    BatchSnapshot,
    SealRequest,
    SettleRequest,
    SignRequest,
    TakeInRequest,
)
from edge.api.port import HallPort
from edge.api.routes_clerk import own_window
from edge.api.routes_public import Hall, Who
from edge.api.second_person import messengers, second_person, witnesses
from edge.rules.codes import Code, refusal
from edge.rules.command import Command
from edge.rules.handover_commands import SealBatch, SettleDifference, SignBatch, TakeInBatch


@allow("clerk")
async def listed(window: str, hall: Hall, who: Who) -> BatchList:
    own_window(window, who)
    return handover_snapshots.listed(hall)


@allow("clerk")
async def seal(window: str, asked: SealRequest, hall: Hall, who: Who) -> BatchSnapshot:
    """The batch's id is the subject of its record."""
    own_window(window, who)
    command = SealBatch(window=window, what=asked.what, to=asked.to, cases=asked.cases)
    answer = await hall.execute(command, id=asked.id, actor=who.actor)
    return _snapshot(hall, answer.records[0].subject)


@allow("clerk")
async def sheet(window: str, uid: str, hall: Hall, who: Who) -> Response:
    """A file for the other hall, as long as no line brings it there: `batch` and `sheet` of TakeInRequest."""
    own_window(window, who)
    found = _snapshot(hall, uid)
    content = found.model_dump_json(include={"batch", "sheet"})
    named = {"Content-Disposition": f'attachment; filename="{found.number}.json"'}
    return Response(content, media_type="application/json", headers=named)


@allow("clerk")
async def sign(window: str, uid: str, asked: SignRequest, request: Request, hall: Hall, who: Who) -> BatchSnapshot:
    """By a messenger of the unit the batch is for. Results for another hall are signed for there."""
    own_window(window, who)
    batch = hall.state.batches.get(uid)
    if batch is None:
        raise refusal(Code.BATCH_UNKNOWN)
    people = messengers(hall, batch.sheet.to) if batch.sheet.what == "materials" else witnesses(hall, window)
    signer = await second_person(request, people, asked.pin.get_secret_value(), who)
    command = SignBatch(window=window, batch=uid, signer=signer, counted=asked.counted)
    return await _done(command, uid, asked.id, hall, who)


@allow("clerk")
async def take_in(window: str, asked: TakeInRequest, hall: Hall, who: Who) -> BatchSnapshot:
    own_window(window, who)
    command = TakeInBatch(window=window, batch=asked.batch, sheet=asked.sheet, counted=asked.counted)
    return await _done(command, asked.batch, asked.id, hall, who)


@allow("clerk")
async def settle(window: str, uid: str, asked: SettleRequest, request: Request, hall: Hall, who: Who) -> BatchSnapshot:
    own_window(window, who)
    witness = await second_person(request, witnesses(hall, window), asked.pin.get_secret_value(), who)
    command = SettleDifference(
        window=window,
        batch=uid,
        case=asked.case,
        material=asked.material,
        outcome=asked.outcome,
        witness=witness,
    )
    return await _done(command, uid, asked.id, hall, who)


async def _done(command: Command, uid: str, id: str, hall: HallPort, who: Caller) -> BatchSnapshot:
    await hall.execute(command, id=id, actor=who.actor)
    return _snapshot(hall, uid)


def _snapshot(hall: HallPort, uid: str) -> BatchSnapshot:
    found = hall.state.batches.get(uid)
    if found is None:
        raise refusal(Code.BATCH_UNKNOWN)
    return handover_snapshots.snapshot(hall, found)
