"""Every reason for which a rule says no. Each code has its three texts in `config/words/*/refusal.toml`."""

from enum import StrEnum
from typing import Final

from edge.rules.refusal import Refusal, Who


class Code(StrEnum):
    DAY_CLOSED = "day_closed"
    DAY_ALREADY_OPEN = "day_already_open"
    DAY_EARLIER = "day_earlier"  # {last}
    DAY_NO_DATE = "day_no_date"
    DAY_IN_SERVICE = "day_in_service"  # {windows}
    SERVICE_UNKNOWN = "service_unknown"
    SERVICE_NOT_OFFERED = "service_not_offered"
    PERSON_HAS_TICKET = "person_has_ticket"  # {number}
    WINDOW_UNKNOWN = "window_unknown"
    WINDOW_HAS_CALLED = "window_has_called"  # {number}
    WINDOW_IS_SERVING = "window_is_serving"  # {number}
    WINDOW_TAKEN = "window_taken"  # {clerk}
    NOBODY_WAITING = "nobody_waiting"
    NOBODY_CALLED = "nobody_called"
    NOTHING_TO_FINISH = "nothing_to_finish"
    RECALLS_SPENT = "recalls_spent"  # {number} {recalls}
    CLERK_UNKNOWN = "clerk_unknown"
    CLERK_BUSY_ELSEWHERE = "clerk_busy_elsewhere"  # {window}
    CLERK_NOT_SIGNED_IN = "clerk_not_signed_in"
    TICKET_UNKNOWN = "ticket_unknown"
    SUBJECT_FROZEN = "subject_frozen"
    ISSUING_STOPPED = "issuing_stopped"
    NUMBER_UNCLEAR = "number_unclear"  # {number}
    TICKET_NOT_WAITING = "ticket_not_waiting"  # {number}
    TICKET_NOT_MISSED = "ticket_not_missed"  # {number}
    TICKET_NOT_HELD = "ticket_not_held"  # {number}
    TICKET_HELD_ELSEWHERE = "ticket_held_elsewhere"  # {number} {window}
    SERVICE_NOT_HERE = "service_not_here"  # {number}
    OUT_OF_TURN_FORBIDDEN = "out_of_turn_forbidden"
    UNDO_TOO_LATE = "undo_too_late"  # {number}
    NOT_IN_SERVICE = "not_in_service"  # {number}
    GUIDANCE_CALLED = "guidance_called"  # {unit}
    GUIDANCE_NOT_CALLED = "guidance_not_called"
    CASE_AWAITED = "case_awaited"
    PAUSE_END_PAST = "pause_end_past"
    REVIVE_SPENT = "revive_spent"  # {number}
    TRANSFER_TO_ITSELF = "transfer_to_itself"
    GREEN_HAS_SLOT = "green_has_slot"  # {number}
    BOOKING_UNKNOWN = "booking_unknown"
    BOOKING_USED = "booking_used"  # {number}
    BOOKING_LATE = "booking_late"  # {minutes}
    PRINT_RUNNING = "print_running"  # {number}
    PRINT_NOT_RUNNING = "print_not_running"
    NO_PRINTER = "no_printer"
    RATING_UNKNOWN = "rating_unknown"
    RATING_NO_CODE = "rating_no_code"
    RATING_LATE = "rating_late"
    RATING_TWICE = "rating_twice"
    RATING_CLOSED = "rating_closed"
    RATING_FIRST = "rating_first"
    RATING_NEEDS_REASON = "rating_needs_reason"
    NOT_YOUR_ROLE = "not_your_role"
    TASK_UNKNOWN = "task_unknown"
    TASK_NOT_NOW = "task_not_now"  # {state}
    TASK_OTHER_CLERK = "task_other_clerk"
    COMPLAINT_UNKNOWN = "complaint_unknown"
    COMPLAINT_NOT_NOW = "complaint_not_now"  # {state}
    COMPLAINT_NOT_RISEN = "complaint_not_risen"
    COMPLAINT_NEEDS_TEXT = "complaint_needs_text"
    PART_UNKNOWN = "part_unknown"
    PART_NOT_AT_WINDOW = "part_not_at_window"
    CASE_NEEDS_CLERK = "case_needs_clerk"
    CASE_OTHER_CLERK = "case_other_clerk"  # {clerk}
    CASE_NEEDS_TURN = "case_needs_turn"
    CASE_OPEN = "case_open"
    CASE_UNKNOWN = "case_unknown"
    QUERY_UNKNOWN = "query_unknown"
    QUERY_WAIT = "query_wait"  # {seconds}
    CASE_ELSEWHERE = "case_elsewhere"  # {window}
    CASE_ASIDE = "case_aside"
    CASE_NOTICED = "case_noticed"
    CASE_ENDED = "case_ended"
    CASE_COMPLETE = "case_complete"
    CASE_LACKS = "case_lacks"  # {count} {materials}: their ids
    CASE_NO_NUMBERS = "case_no_numbers"
    NOTICE_GIVEN = "notice_given"  # {number}
    REASON_NEEDS_TEXT = "reason_needs_text"
    ITEM_UNKNOWN = "item_unknown"
    ITEM_NOT_ADMITTED = "item_not_admitted"  # {item} {where}: id of the item
    MATERIAL_UNKNOWN = "material_unknown"
    MATERIAL_NOT_REUSABLE = "material_not_reusable"
    MARK_UNCLEAR = "mark_unclear"
    REUSE_NONE = "reuse_none"
    REUSE_EXPIRED = "reuse_expired"  # {date}
    REUSE_DECLINED = "reuse_declined"
    REUSE_UNKNOWN = "reuse_unknown"
    REUSE_NOTHING = "reuse_nothing"
    PAGE_TWICE = "page_twice"
    PAGE_UNKNOWN = "page_unknown"
    PAGES_FULL = "pages_full"  # {pages}
    DELIVERY_NOT_OFFERED = "delivery_not_offered"
    CALENDAR_UNKNOWN = "calendar_unknown"  # {year}
    PAPER_UNKNOWN = "paper_unknown"
    FLOW_AT_DESK = "flow_at_desk"
    FLOW_SUPPLEMENT = "flow_supplement"
    FLOW_SUSPENDED = "flow_suspended"
    FLOW_AT_UNIT = "flow_at_unit"
    FLOW_RESULT_AWAITED = "flow_result_awaited"
    FLOW_RESULT_UNCHECKED = "flow_result_unchecked"
    FLOW_RESULT_READY = "flow_result_ready"
    FLOW_RESULT_UNCLAIMED = "flow_result_unclaimed"
    FLOW_RESULT_ELSEWHERE = "flow_result_elsewhere"
    FLOW_OVER = "flow_over"
    FLOW_NEEDS_REASON = "flow_needs_reason"
    FLOW_NEEDS_UNIT = "flow_needs_unit"
    FLOW_NO_DELEGATION = "flow_no_delegation"
    FLOW_NOT_INSTANT = "flow_not_instant"
    RESULT_FOR_OTHER_SITE = "result_for_other_site"  # {site}
    COLLECTOR_NEEDS_PROOF = "collector_needs_proof"
    COLLECTOR_UNNAMED = "collector_unnamed"
    BATCH_UNKNOWN = "batch_unknown"
    BATCH_EMPTY = "batch_empty"
    BATCH_OVER = "batch_over"  # {number}
    BATCH_NOT_FOR_US = "batch_not_for_us"  # {site}
    BATCH_ALTERED = "batch_altered"  # {number}
    BATCH_NOT_ON_SHEET = "batch_not_on_sheet"  # {number}
    BATCH_NO_DIFFERENCE = "batch_no_difference"  # {number}
    BATCH_SIGNED_THERE = "batch_signed_there"  # {site}
    BATCH_SENT_BACK = "batch_sent_back"  # {site}
    BATCH_WRONG_PLACE = "batch_wrong_place"  # {unit}
    SECOND_PERSON = "second_person"  # {clerk}
    PARCEL_SIGNED = "parcel_signed"  # {date}
    PARCEL_UNKNOWN = "parcel_unknown"
    PARCEL_OTHER_ITEM = "parcel_other_item"  # {item}
    PAPER_RANGE = "paper_range"
    PAPER_KNOWN = "paper_known"
    PAPER_NO_DECISION = "paper_no_decision"
    PAPER_NOT_IN_STOCK = "paper_not_in_stock"  # {serial}
    COPIES_OFF = "copies_off"
    COPIES_SPENT = "copies_spent"  # {left} {area}
    COPIES_HALL_SPENT = "copies_hall_spent"  # {left} {area}
    COPY_TOO_LONG = "copy_too_long"  # {most}
    COPY_RUNNING = "copy_running"
    COPY_NOT_RUNNING = "copy_not_running"
    COPY_NO_TICKET = "copy_no_ticket"
    COPY_NO_PAGES = "copy_no_pages"


# Who can change it, and which command (its `do`) would: '' where waiting or asking a person is all there is.
_WAY_OUT: Final[dict[Code, tuple[Who, str]]] = {
    Code.DAY_CLOSED: ("manager", "day.open"),
    Code.DAY_ALREADY_OPEN: ("manager", "day.close"),
    Code.DAY_EARLIER: ("technician", ""),
    Code.DAY_NO_DATE: ("manager", "day.open"),
    Code.DAY_IN_SERVICE: ("clerk", "service.finish"),
    Code.SERVICE_UNKNOWN: ("technician", "site.configure"),
    Code.SERVICE_NOT_OFFERED: ("manager", "site.configure"),
    Code.PERSON_HAS_TICKET: ("citizen", ""),
    Code.WINDOW_UNKNOWN: ("technician", "site.configure"),
    Code.WINDOW_HAS_CALLED: ("clerk", "service.finish"),
    Code.WINDOW_IS_SERVING: ("clerk", "service.finish"),
    Code.WINDOW_TAKEN: ("clerk", "service.finish"),
    Code.NOBODY_WAITING: ("nobody", ""),
    Code.NOBODY_CALLED: ("clerk", "ticket.call_next"),
    Code.NOTHING_TO_FINISH: ("clerk", "ticket.call_next"),
    Code.RECALLS_SPENT: ("clerk", "ticket.miss"),
    Code.CLERK_UNKNOWN: ("technician", "site.configure"),
    Code.CLERK_BUSY_ELSEWHERE: ("clerk", "service.finish"),
    Code.CLERK_NOT_SIGNED_IN: ("clerk", "clerk.sign_in"),
    Code.TICKET_UNKNOWN: ("nobody", ""),
    Code.SUBJECT_FROZEN: ("technician", ""),
    Code.ISSUING_STOPPED: ("manager", "issuing.resume"),
    Code.NUMBER_UNCLEAR: ("clerk", "ticket.call"),
    Code.TICKET_NOT_WAITING: ("nobody", ""),
    Code.TICKET_NOT_MISSED: ("nobody", ""),
    Code.TICKET_NOT_HELD: ("nobody", ""),
    Code.TICKET_HELD_ELSEWHERE: ("clerk", "ticket.resume"),
    Code.SERVICE_NOT_HERE: ("clerk", "ticket.transfer"),
    Code.OUT_OF_TURN_FORBIDDEN: ("manager", "site.configure"),
    Code.UNDO_TOO_LATE: ("clerk", "ticket.miss"),
    Code.NOT_IN_SERVICE: ("clerk", "service.start"),
    Code.GUIDANCE_CALLED: ("clerk", "guidance.end"),
    Code.GUIDANCE_NOT_CALLED: ("clerk", "guidance.call"),
    Code.CASE_AWAITED: ("clerk", "ticket.hold"),
    Code.PAUSE_END_PAST: ("clerk", "window.pause"),
    Code.REVIVE_SPENT: ("citizen", "ticket.issue"),
    Code.TRANSFER_TO_ITSELF: ("clerk", "ticket.transfer"),
    Code.GREEN_HAS_SLOT: ("nobody", ""),
    Code.BOOKING_UNKNOWN: ("citizen", "ticket.issue"),
    Code.BOOKING_USED: ("nobody", ""),
    Code.BOOKING_LATE: ("citizen", "booking.check_in"),
    Code.PRINT_RUNNING: ("nobody", ""),
    Code.PRINT_NOT_RUNNING: ("nobody", ""),
    Code.NO_PRINTER: ("technician", "site.configure"),
    Code.RATING_UNKNOWN: ("nobody", ""),
    Code.RATING_NO_CODE: ("citizen", "rating.give"),
    Code.RATING_LATE: ("nobody", ""),
    Code.RATING_TWICE: ("nobody", ""),
    Code.RATING_CLOSED: ("nobody", ""),
    Code.RATING_FIRST: ("citizen", "rating.give"),
    Code.RATING_NEEDS_REASON: ("citizen", "rating.give"),
    Code.NOT_YOUR_ROLE: ("nobody", ""),  # roles.require says who can
    Code.TASK_UNKNOWN: ("nobody", ""),
    Code.TASK_NOT_NOW: ("manager", ""),
    Code.TASK_OTHER_CLERK: ("manager", ""),
    Code.COMPLAINT_UNKNOWN: ("nobody", ""),
    Code.COMPLAINT_NOT_NOW: ("manager", ""),
    Code.COMPLAINT_NOT_RISEN: ("manager", "complaint.reply"),
    Code.COMPLAINT_NEEDS_TEXT: ("citizen", "complaint.register"),
    Code.PART_UNKNOWN: ("nobody", ""),
    Code.PART_NOT_AT_WINDOW: ("clerk", "ticket.call_next"),
    Code.CASE_NEEDS_CLERK: ("clerk", "clerk.sign_in"),
    Code.CASE_OTHER_CLERK: ("clerk", "clerk.sign_in"),
    Code.CASE_NEEDS_TURN: ("clerk", "service.start"),
    Code.CASE_OPEN: ("clerk", "case.set_aside"),
    Code.CASE_UNKNOWN: ("nobody", ""),
    Code.QUERY_UNKNOWN: ("citizen", "case.show"),
    Code.QUERY_WAIT: ("citizen", "case.show"),
    Code.CASE_ELSEWHERE: ("clerk", ""),
    Code.CASE_ASIDE: ("clerk", "case.take_up"),
    Code.CASE_NOTICED: ("clerk", "case.take_up"),
    Code.CASE_ENDED: ("nobody", "case.open"),
    Code.CASE_COMPLETE: ("clerk", "case.receive"),
    Code.CASE_LACKS: ("clerk", "case.notice"),
    Code.CASE_NO_NUMBERS: ("technician", ""),
    Code.NOTICE_GIVEN: ("clerk", "print.start"),
    Code.REASON_NEEDS_TEXT: ("clerk", "case.refuse"),
    Code.ITEM_UNKNOWN: ("clerk", "case.open"),
    Code.ITEM_NOT_ADMITTED: ("nobody", ""),
    Code.MATERIAL_UNKNOWN: ("nobody", ""),
    Code.MATERIAL_NOT_REUSABLE: ("clerk", "case.mark"),
    Code.MARK_UNCLEAR: ("clerk", "case.mark"),
    Code.REUSE_NONE: ("clerk", "case.mark"),
    Code.REUSE_EXPIRED: ("clerk", "case.mark"),
    Code.REUSE_DECLINED: ("clerk", "case.mark"),
    Code.REUSE_UNKNOWN: ("clerk", "case.mark"),
    Code.REUSE_NOTHING: ("clerk", "case.mark"),
    Code.PAGE_TWICE: ("nobody", ""),
    Code.PAGE_UNKNOWN: ("nobody", ""),
    Code.PAGES_FULL: ("clerk", "page.drop"),
    Code.DELIVERY_NOT_OFFERED: ("clerk", "case.receive"),
    Code.CALENDAR_UNKNOWN: ("technician", ""),
    Code.PAPER_UNKNOWN: ("nobody", ""),
    Code.FLOW_AT_DESK: ("clerk", "case.step"),
    Code.FLOW_SUPPLEMENT: ("clerk", "case.step"),
    Code.FLOW_SUSPENDED: ("clerk", "case.step"),
    Code.FLOW_AT_UNIT: ("centre", "decision.record"),
    Code.FLOW_RESULT_AWAITED: ("clerk", "case.step"),
    Code.FLOW_RESULT_UNCHECKED: ("clerk", "result.register"),
    Code.FLOW_RESULT_READY: ("clerk", "result.deliver"),
    Code.FLOW_RESULT_UNCLAIMED: ("clerk", "result.deliver"),
    Code.FLOW_RESULT_ELSEWHERE: ("clerk", "batch.take_in"),
    Code.FLOW_OVER: ("nobody", ""),
    Code.FLOW_NEEDS_REASON: ("clerk", "case.step"),
    Code.FLOW_NEEDS_UNIT: ("clerk", "case.step"),
    Code.FLOW_NO_DELEGATION: ("centre", "decision.record"),
    Code.FLOW_NOT_INSTANT: ("centre", "decision.record"),
    Code.RESULT_FOR_OTHER_SITE: ("clerk", "batch.seal"),
    Code.COLLECTOR_NEEDS_PROOF: ("clerk", "result.deliver"),
    Code.COLLECTOR_UNNAMED: ("clerk", "result.deliver"),
    Code.BATCH_UNKNOWN: ("nobody", ""),
    Code.BATCH_EMPTY: ("clerk", "batch.seal"),
    Code.BATCH_OVER: ("nobody", ""),
    Code.BATCH_NOT_FOR_US: ("clerk", "batch.take_in"),
    Code.BATCH_ALTERED: ("technician", ""),
    Code.BATCH_NOT_ON_SHEET: ("clerk", "batch.sign"),
    Code.BATCH_NO_DIFFERENCE: ("nobody", ""),
    Code.BATCH_SIGNED_THERE: ("clerk", "batch.take_in"),
    Code.BATCH_SENT_BACK: ("clerk", "batch.seal"),
    Code.BATCH_WRONG_PLACE: ("clerk", "batch.seal"),
    Code.SECOND_PERSON: ("clerk", ""),
    Code.PARCEL_SIGNED: ("clerk", "parcel.match"),
    Code.PARCEL_UNKNOWN: ("clerk", "parcel.sign"),
    Code.PARCEL_OTHER_ITEM: ("clerk", "case.open"),
    Code.PAPER_RANGE: ("clerk", "paper.stock"),
    Code.PAPER_KNOWN: ("manager", "paper.stock"),
    Code.PAPER_NO_DECISION: ("clerk", "case.decide"),
    Code.PAPER_NOT_IN_STOCK: ("manager", "paper.stock"),
    Code.COPIES_OFF: ("technician", ""),
    Code.COPIES_SPENT: ("manager", "copy.grant"),
    Code.COPIES_HALL_SPENT: ("manager", "copy.grant"),
    Code.COPY_TOO_LONG: ("citizen", "copy.reserve"),
    Code.COPY_RUNNING: ("nobody", ""),
    Code.COPY_NOT_RUNNING: ("nobody", ""),
    Code.COPY_NO_TICKET: ("citizen", "ticket.issue"),
    Code.COPY_NO_PAGES: ("citizen", ""),
}


def refusal(code: Code, **values: str | int) -> Refusal:
    """Build the Refusal of `code`; `values` fill the places named beside it above."""
    who_can, instead = _WAY_OUT[code]
    return Refusal(code.value, who_can=who_can, instead=instead, **values)
