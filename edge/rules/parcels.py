"""Papers sent by post: signed for once, counted, and given to the one case they belong to (邮寄签收).

Of an online application the centre tells what is sent: the count is compared with that list and no other.
"""

from collections import Counter
from datetime import date, timedelta
from typing import Final

from edge.rules import case_look, look, roles
from edge.rules.about import About
from edge.rules.cases import draft_of
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.parcel_records import (
    ExpectParcel,
    MatchParcel,
    ParcelDifference,
    ParcelExpected,
    ParcelMatched,
    ParcelSigned,
    Sheets,
    SignParcel,
)
from edge.rules.parcel_state import Expected, Parcel
from edge.rules.records import Draft
from edge.rules.state import State

KNOWN_DAYS: Final = 90  # how long a waybill is remembered: no courier brings one again later


def expect(state: State, command: ExpectParcel, moment: Moment) -> list[Draft]:
    """No record of what is known already, or was signed for before its announcement came."""
    roles.require(command, moment.actor)
    found = state.expected.get(_key(command.about))
    came = command.waybill in state.waybills or any(
        each.application == command.application for each in state.parcels.values()
    )
    if came or (found is not None and command.about.rev <= found.rev):
        return []
    if moment.books.item(command.item) is None:
        raise refusal(Code.ITEM_UNKNOWN)
    told = command.model_dump(exclude={"do"})
    body = ParcelExpected.model_validate(told | {"date": state.date, "gone": False})
    uid = moment.new_id("parcel") if found is None else found.uid
    return [draft_of(state, "parcel.expected", uid, body, moment)]


def take_back(state: State, about: About, moment: Moment) -> list[Draft]:
    """The centre does not announce it any more; nothing where it did not, or the parcel has come."""
    found = state.expected.get(_key(about))
    if found is None:
        return []
    told = found.model_dump(exclude={"uid", "rev"})
    body = ParcelExpected.model_validate(told | {"about": about, "gone": True})
    return [draft_of(state, "parcel.expected", found.uid, body, moment)]


def announced(state: State, waybill: str, application: str) -> Expected | None:
    """By either; what both name, by the application."""
    open_ones = [each for each in state.expected.values() if each.uid not in state.frozen]
    by_number = (each for each in open_ones if application and each.application == application)
    by_waybill = (each for each in open_ones if each.waybill and each.waybill == waybill)
    return next(by_number, None) or next(by_waybill, None)


def sign(state: State, command: SignParcel, moment: Moment) -> list[Draft]:
    """A parcel of papers is signed for and counted, against the list announced where there is one.

    Raises Refusal: signed before, an item unknown or not the announced one, or a difference without a second person.
    """
    look.open_day(state)
    window = case_look.clerk_at(state, command.window, moment)
    if command.waybill in state.waybills:
        raise refusal(Code.PARCEL_SIGNED, date=state.waybills[command.waybill])
    if moment.books.item(command.item) is None:
        raise refusal(Code.ITEM_UNKNOWN)
    expected = announced(state, command.waybill, command.application)
    if expected is not None and expected.item != command.item:
        raise refusal(Code.PARCEL_OTHER_ITEM, item=expected.item)
    listed = command.listed if expected is None else expected.listed
    found = differences(listed, command.counted)
    if command.witness == window.clerk or (found and not command.witness):
        raise refusal(Code.SECOND_PERSON, clerk=window.clerk)  # nobody says alone that something was not in it
    body = ParcelSigned(
        waybill=command.waybill,
        courier=command.courier,
        application=command.application if expected is None else expected.application,
        item=command.item,
        listed=listed,
        counted=command.counted,
        differences=found,
        date=state.date,
        at=moment.at,
        window=command.window,
        clerk=window.clerk,
        witness=command.witness,
    )
    uid = moment.new_id("parcel") if expected is None else expected.uid
    signed = draft_of(state, "parcel.signed", uid, body, moment)
    return [signed.model_copy(update={"v": 2})]


def match(state: State, command: MatchParcel, moment: Moment) -> list[Draft]:
    """A case may have several parcels, a parcel one case, and of the item that it was sent for."""
    case = case_look.in_hand(state, command.window, command.case, moment)
    parcel = state.parcels.get(command.parcel)
    if parcel is None:
        raise refusal(Code.PARCEL_UNKNOWN)
    if command.parcel in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    if parcel.item != case.item:
        raise refusal(Code.PARCEL_OTHER_ITEM, item=parcel.item)
    body = ParcelMatched(
        case=case.uid,
        date=state.date,
        at=moment.at,
        window=command.window,
        clerk=state.windows[command.window].clerk,
    )
    return [draft_of(state, "parcel.matched", parcel.uid, body, moment)]


def differences(listed: tuple[Sheets, ...], counted: tuple[Sheets, ...]) -> tuple[ParcelDifference, ...]:
    """By material, in alphabetical order; what stands on a list twice is added up."""
    said, found = Counter[str](), Counter[str]()
    for sheets, of in ((listed, said), (counted, found)):
        for each in sheets:
            of[each.material] += each.sheets
    return tuple(
        ParcelDifference(material=material, listed=said[material], counted=found[material])
        for material in sorted(said | found)
        if said[material] != found[material]
    )


def was_expected(state: State, fact: Fact, body: ParcelExpected) -> None:
    if body.gone:
        state.expected.pop(_key(body.about), None)
        return
    told = body.model_dump(exclude={"about", "gone"})
    state.expected[_key(body.about)] = Expected(uid=fact.subject, rev=body.about.rev, **told)


def signed(state: State, fact: Fact, body: ParcelSigned) -> None:
    state.waybills[body.waybill] = body.date
    state.expected = {key: each for key, each in state.expected.items() if each.uid != fact.subject}
    state.parcels[fact.subject] = Parcel(
        uid=fact.subject,
        waybill=body.waybill,
        application=body.application,
        item=body.item,
        counted=body.counted,
        differences=body.differences,
        date=body.date,
        signed_at=body.at,
        witness=body.witness,
    )


def matched(state: State, fact: Fact, body: ParcelMatched) -> None:
    parcel = state.parcels.pop(fact.subject, None)
    case = state.cases.get(body.case)
    if parcel is not None and case is not None:
        case.parcels.append(parcel)


def begin_day(state: State, day: str) -> None:
    oldest = (date.fromisoformat(day) - timedelta(days=KNOWN_DAYS)).isoformat()
    state.waybills = {waybill: signed_on for waybill, signed_on in state.waybills.items() if signed_on >= oldest}
    state.expected = {key: each for key, each in state.expected.items() if each.date >= oldest}


def _key(about: About) -> str:
    return f"{about.feed}/{about.id}"
