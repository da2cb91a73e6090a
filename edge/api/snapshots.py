"""State and site -> what screens show. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, cast

from edge.api.access import Caller
from edge.api.case_schema import CaseSnapshot
from edge.api.port import DeviceStatus, HallPort
from edge.api.schema import (
    BackTicket,
    CalledTicket,
    Catalogue,
    GuidanceBrief,
    GuideEntry,
    GuideSnapshot,
    HallSnapshot,
    QueueBrief,
    RatingBrief,
    ServiceEntry,
    TicketSnapshot,
    TicketState,
    WaitingTicket,
    WaitRange,
    WindowBrief,
    WindowEntry,
    WindowSnapshot,
)
from edge.api.station_schema import DeviceSnapshot, DeviceState, LinkSnapshot
from edge.api.texts import device_text
from edge.rules import queue, waiters
from edge.rules.state import State, Ticket
from edge.rules.waits import minutes
from edge.site import Site

WaitFor = Callable[[str], tuple[int, int] | None]
LINES: Final = 12  # of the board
_OPEN: Final = frozenset({"waiting", "called", "serving", "held", "missed"})
_WELL: Final = frozenset({"ready", "busy", "warning", "starting", "disabled"})


def unknown_wait(service: str) -> None:
    return None


def _range(told: tuple[int, int] | None) -> WaitRange | None:
    return None if told is None else WaitRange(p50=told[0], p90=told[1])


def catalogue(site: Site, logo_name: Mapping[str, str] | None = None) -> Catalogue:
    return Catalogue(
        site=site.site,
        hall=dict(site.hall.name),
        hall_short=dict(site.hall.short),
        complaint_phone=site.hall.phone,
        areas={area.id: dict(area.name) for area in site.areas},
        services=tuple(
            ServiceEntry(
                id=service.id,
                name=dict(service.name),
                prefix=service.prefix,
                area=service.area,
                windows=tuple(window.number for window in site.windows if service.id in window.services),
            )
            for service in site.services
        ),
        windows=tuple(
            WindowEntry(id=window.id, number=window.number, kind=dict(window.kind), area=window.area)
            for window in site.windows
        ),
        language=site.language,
        scanners=tuple(kiosk.id for kiosk in site.kiosks if kiosk.scanner),
        copiers=tuple(kiosk for kiosk, _ in site.copy_setup.printers),
        logo_name=dict(logo_name or {}),
    )


def urgent_notice(port: HallPort) -> str:
    """What everybody must know now, '' = nothing; by the hall's clock."""
    now = port.now_ms()
    counting = (one for one in port.notices() if one.urgent and one.since <= now)
    found = next(counting, None)
    return "" if found is None else found.text.get(port.site.language) or found.text.get("zh-Hans", "")


def hall(state: State, site: Site, wait_for: WaitFor = unknown_wait, notice: str = "") -> HallSnapshot:
    """The last call of every ticket, newest first. Numbers only: nothing here is personal."""
    waiting = [ticket.service for ticket in queue.waiting(state)]
    numbers = _numbers(site)
    return HallSnapshot(
        seq=state.seq,
        site=site.site,
        date=state.date,
        open=state.open,
        waiting=len(waiting),
        queues=tuple(
            QueueBrief(service=s.id, waiting=waiting.count(s.id), wait=_range(wait_for(s.id))) for s in site.services
        ),
        calls=tuple(
            CalledTicket(
                number=call.number,
                window=numbers.get(call.window, call.window),
                area=call.area,
                calls=call.call,
                at=call.at,
            )
            for call in reversed(state.calls[-LINES:])
        ),
        windows=tuple(_brief(state, site, window.id) for window in site.windows),
        back=tuple(
            BackTicket(number=each.ticket.number, window=numbers.get(each.ticket.window, each.ticket.window))
            for each in waiters.waiters(state)
            if each.told and each.ticket.state == "held"
        ),
        notice=notice,
        stopped=dict(state.stopped),
    )


def of_area(whole: HallSnapshot, site: Site, area: str) -> HallSnapshot:
    """The part of a hall that one area's board shows."""
    services = {service.id for service in site.services if service.area == area}
    queues = tuple(entry for entry in whole.queues if entry.service in services)
    return whole.model_copy(
        update={
            "queues": queues,
            "waiting": sum(entry.waiting for entry in queues),
            "calls": tuple(call for call in whole.calls if call.area == area),
            "windows": tuple(entry for entry in whole.windows if entry.area == area),
        }
    )


def window(
    state: State,
    site: Site,
    window_id: str,
    devices: tuple[DeviceSnapshot, ...],
    link: LinkSnapshot,
    case: CaseSnapshot | None = None,
    *,
    now_ms: int,
) -> WindowSnapshot:
    """Raises KeyError: no such window. `devices`: this window's."""
    found = state.windows[window_id]
    current = state.tickets.get(found.ticket)
    return WindowSnapshot(
        seq=state.seq,
        window=_brief(state, site, window_id),
        current=ticket(state, site, current, now_ms) if current else None,
        queue=tuple(_waiting(state, one, window_id) for one in queue.queue_of(state, window_id, now_ms)),
        held=tuple(_waiting(state, one, window_id) for one in _of_state(state, "held") if one.window == window_id),
        missed=tuple(
            _waiting(state, one, window_id)
            for one in _of_state(state, "missed")
            if one.service in found.setup.services and revivable(state, one, now_ms)
        ),
        undo_until=_undo_until(state, current),
        first=_first(state, window_id, now_ms),
        rating=_rating(state, found.question),
        guidance=_guidance(current),
        case=case,
        devices=devices,
        link=link,
    )


def ticket(state: State, site: Site, found: Ticket, now_ms: int) -> TicketSnapshot:
    numbers = _numbers(site)
    ahead = queue.ahead_of(state, found, now_ms) if found.state == "waiting" else 0
    return TicketSnapshot(
        ticket=found.uid,
        number=found.number,
        service=found.service,
        area=found.area,
        windows=tuple(numbers.get(w, w) for w in queue.windows_for(state, found.service)),
        ahead=ahead,
        state=found.state,
        print=found.print,
        wait=_range(minutes(*found.told)) if found.told and found.state == "waiting" else None,
        print_code=found.print_code,
        at=found.issued_at,
        items=found.left,
        klass=found.klass,
        declared=found.declared,
        slot=_slot(state, found),
        why=found.call_why if found.state in ("called", "serving") else "",
        over=found.call_over,
        reason=found.call_reason,
    )


def guide(state: State, site: Site, now_ms: int) -> GuideSnapshot:
    """Every ticket of the day that is not done, as issued; the newest first."""
    numbers = _numbers(site)
    shown = [one for one in state.tickets.values() if one.state in _OPEN and one.uid not in state.frozen]
    return GuideSnapshot(
        seq=state.seq,
        tickets=tuple(
            GuideEntry(
                **_waiting(state, one, "").model_dump(),
                state=one.state,
                window=numbers.get(one.window, "") if one.state in ("called", "serving", "held") else "",
                revivable=revivable(state, one, now_ms),
            )
            for one in sorted(shown, key=lambda each: -each.issued_seq)
        ),
        booked=sum(1 for one in state.bookings.values() if one.date == state.date and one.state == "booked"),
    )


def _guidance(current: Ticket | None) -> GuidanceBrief | None:
    called = current.guidance if current else None
    return GuidanceBrief(unit=called.unit, since=called.since) if called else None


def revivable(state: State, found: Ticket, now_ms: int) -> bool:
    """As the rule has it: missed, never revived, not too long ago."""
    in_time = not found.missed_ms or now_ms - found.missed_ms <= state.queue.revive
    return found.state == "missed" and not found.revived and in_time


def devices(statuses: Iterable[DeviceStatus], caller: Caller, language: str) -> tuple[DeviceSnapshot, ...]:
    """A technician sees all, everybody else those of his own place; `detail` is the technician's."""
    technician = caller.role == "technician"
    return tuple(
        DeviceSnapshot(
            id=status.id,
            kind=status.kind,
            place=status.place,
            state=cast(DeviceState, status.state),
            code=status.code,
            text=device_text(status.code, caller.reader, language),
            detail=status.detail if technician else "",
        )
        for status in statuses
        if technician or (caller.place and status.place == caller.place)
    )


def all_devices(hall: HallPort, caller: Caller, language: str) -> tuple[DeviceSnapshot, ...]:
    """The same with what only a technician needs: where each is plugged in, and whether somebody is at it."""
    shown = devices(hall.devices(), caller, language)
    if caller.role != "technician":
        return shown
    where, signs = {device.id: device.where for device in hall.site.devices}, hall.signs()
    return tuple(
        one.model_copy(update={"where": where.get(one.id, ""), "signs": signs.get(one.id, 0)}) for one in shown
    )


def faults(statuses: Iterable[DeviceStatus]) -> int:
    """Devices that do not work. One that warns (little paper, a noisy line) works."""
    return sum(1 for status in statuses if status.state not in _WELL)


def _brief(state: State, site: Site, window_id: str) -> WindowBrief:
    entry = next(window for window in site.windows if window.id == window_id)
    seat = state.windows.get(window_id)
    at_window = state.tickets.get(seat.ticket) if seat else None
    doing: Literal["idle", "called", "serving"] = "idle"
    if at_window is not None and at_window.state in ("called", "serving"):
        doing = "serving" if at_window.state == "serving" else "called"
    return WindowBrief(
        id=entry.id,
        number=entry.number,
        kind=entry.kind.get(site.language) or entry.kind["zh-Hans"],
        area=entry.area,
        services=entry.services,
        state=doing,
        ticket=at_window.number if at_window else "",
        clerk=seat.clerk if seat else "",
        paused=seat.paused if seat else "",
        until=seat.until if seat else 0,
    )


def _waiting(state: State, found: Ticket, window_id: str) -> WaitingTicket:
    wait = waiters.of_ticket(state, found) if found.state == "held" else None
    return WaitingTicket(
        ticket=found.uid,
        number=found.number,
        service=found.service,
        since=found.issued_at,
        with_card=bool(found.holder_h),
        print=found.print,
        items=found.left,
        klass=found.klass,
        declared=found.declared,
        slot=_slot(state, found),
        here=bool(window_id) and found.to == window_id,
        awaits="" if wait is None else "told" if wait.told else "waiting",
        awaits_since=wait.since if wait else 0,
    )


def _of_state(state: State, wanted: TicketState) -> list[Ticket]:
    return [one for one in state.tickets.values() if one.state == wanted and one.uid not in state.frozen]


def _slot(state: State, found: Ticket) -> int:
    booking = state.bookings.get(found.booking)
    return booking.slot if booking else 0


def _undo_until(state: State, current: Ticket | None) -> int:
    """0 where the rule would refuse whatever the moment."""
    if current is None or current.state != "called" or current.calls > 1:
        return 0
    return current.called_ms + state.queue.undo


def _first(state: State, window_id: str, now_ms: int) -> str:
    choice = queue.next_for(state, window_id, now_ms)
    return choice.ticket.uid if choice else ""


def _rating(state: State, nonce: str) -> RatingBrief:
    question = state.questions.get(nonce)
    return RatingBrief(state=question.state if question else "none")


def _numbers(site: Site) -> dict[str, str]:
    return {window.id: window.number for window in site.windows}
