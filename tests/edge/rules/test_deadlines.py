"""Due dates against a table counted by hand with a paper calendar of 2026, and properties that hold for every date."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.rules.deadlines import (
    Calendar,
    Hours,
    Session,
    Suspension,
    UnknownYear,
    add_working_days,
    due_date,
    first_working_day,
    is_working_day,
    next_year_is_missing,
    received_on,
    remaining_working_days,
    traffic_light,
    working_days_after,
)


def days(text: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(f"2026-{day}") for day in text.split())


# Written out day by day from the State Council's notice, on purpose not read from config/calendar.
YEAR_2026 = Calendar(
    holidays=days(
        "01-01 01-02 01-03"
        " 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23"
        " 04-04 04-05 04-06"
        " 05-01 05-02 05-03 05-04 05-05"
        " 06-19 06-20 06-21"
        " 09-25 09-26 09-27"
        " 10-01 10-02 10-03 10-04 10-05 10-06 10-07"
    ),
    working_weekend_days=days("01-04 02-14 02-28 05-09 09-20 10-10"),
    years=frozenset({2026}),
)
HOURS = Hours((Session(time(9), time(12)), Session(time(14), time(17, 30))))

# (received at, limit in working days, due). The comment is the count: day of the month and its number.
COUNTED_BY_HAND = [
    # Spring Festival, off 15-23 February, worked on Saturdays 14 and 28.
    # Friday 13 is day 0: Sat 14 =1, Tue 24 =2, Wed 25 =3, Thu 26 =4, Fri 27 =5
    ("2026-02-13 17:29", 5, "2026-02-27"),
    # Saturday 14 is day 0: Tue 24 =1, Wed 25 =2, Thu 26 =3, Fri 27 =4, Sat 28 =5
    ("2026-02-13 17:31", 5, "2026-02-28"),
    # Saturday 14 is worked and day 0: Tue 24 =1
    ("2026-02-14 17:29", 1, "2026-02-24"),
    # after closing on the last day before the feast: Tue 24 is day 0, Wed 25 =1
    ("2026-02-14 17:31", 1, "2026-02-25"),
    # handed in during the feast (Wed 18): Tue 24 is day 0, 25 =1, 26 =2, 27 =3, Sat 28 =4, Mon 2 March =5
    ("2026-02-18 10:00", 5, "2026-03-02"),
    # Labour Day, off 1-5 May, worked on Saturday 9. Thursday 30 April is day 0: Wed 6 =1, Thu 7 =2, Fri 8 =3, Sat 9 =4
    ("2026-04-30 17:29", 4, "2026-05-09"),
    # Wednesday 6 is day 0: Thu 7 =1, Fri 8 =2, Sat 9 =3, Sun 10 off, Mon 11 =4
    ("2026-04-30 17:31", 4, "2026-05-11"),
    # Qingming, off Sat 4 - Mon 6 April. Friday 3 is day 0: Tue 7 =1, Wed 8 =2, Thu 9 =3
    ("2026-04-03 17:29", 3, "2026-04-09"),
    # Dragon Boat, off Fri 19 - Sun 21 June. Thursday 18 is day 0: Mon 22 =1, Tue 23 =2
    ("2026-06-18 17:29", 2, "2026-06-23"),
    # Sunday 20 September is worked. Friday 18 is day 0: Sat 19 off, Sun 20 =1, Mon 21 =2, Tue 22 =3
    ("2026-09-18 17:29", 3, "2026-09-22"),
    # Sunday 20 is day 0: Mon 21 =1, Tue 22 =2, Wed 23 =3
    ("2026-09-18 17:31", 3, "2026-09-23"),
    # Mid-Autumn off 25-27 September, National Day off 1-7 October, worked on Saturday 10 October.
    # Thursday 24 is day 0: Mon 28 =1, 29 =2, 30 =3, Thu 8 =4, Fri 9 =5, Sat 10 =6, Mon 12 =7, 13 =8, 14 =9, Thu 15 =10
    ("2026-09-24 17:29", 10, "2026-10-15"),
    # Wednesday 30 is day 0: Thu 8 =1, Fri 9 =2, Sat 10 =3, Sun 11 off, Mon 12 =4, Tue 13 =5
    ("2026-09-30 17:29", 5, "2026-10-13"),
    # Thursday 8 is day 0: Fri 9 =1, Sat 10 =2, Mon 12 =3, Tue 13 =4, Wed 14 =5
    ("2026-09-30 17:31", 5, "2026-10-14"),
    # closing time itself is in time: as 17:29
    ("2026-09-30 17:30", 5, "2026-10-13"),
    # Saturday 10 October is worked: it is day 0; Mon 12 =1
    ("2026-10-10 09:00", 1, "2026-10-12"),
    # New Year: Friday 2 January is off, Sunday 4 is worked and day 0; Mon 5 =1
    ("2026-01-02 10:00", 1, "2026-01-05"),
    # done at once: due on day 0
    ("2026-10-09 11:00", 0, "2026-10-09"),
    ("2026-10-09 17:31", 0, "2026-10-10"),
    # an ordinary weekend: Friday 20 November is day 0: Mon 23 =1
    ("2026-11-20 17:29", 1, "2026-11-23"),
    # the last days that are known: Monday 28 December is day 0: 29 =1, 30 =2, Thu 31 =3
    ("2026-12-28 17:29", 3, "2026-12-31"),
]


@pytest.mark.parametrize(("received", "limit", "due"), COUNTED_BY_HAND)
def test_due_dates_as_counted_by_hand(received: str, limit: int, due: str) -> None:
    assert due_date(datetime.fromisoformat(received), limit, YEAR_2026, HOURS) == date.fromisoformat(due)


def test_suspended_days_are_not_counted() -> None:
    received = datetime(2026, 9, 24, 10)  # noqa: DTZ001 - the hall's wall time
    # Thursday 24 is day 0: Mon 28 =1; suspended Tue 29 September - Thu 8 October; Fri 9 =2, Sat 10 =3
    stop = Suspension(date(2026, 9, 29), date(2026, 10, 8))
    assert due_date(received, 3, YEAR_2026, HOURS, [stop]) == date(2026, 10, 10)
    overlapping = Suspension(date(2026, 10, 1), date(2026, 10, 9))
    assert due_date(received, 3, YEAR_2026, HOURS, [stop, overlapping]) == date(2026, 10, 12)
    assert due_date(received, 3, YEAR_2026, HOURS, [Suspension(date(2026, 9, 29), None)]) is None


@pytest.mark.parametrize("received", ["2026-12-28 17:29", "2026-12-31 17:31", "2025-12-31 10:00", "2027-01-04 10:00"])
def test_a_year_without_calendar_is_never_guessed(received: str) -> None:
    with pytest.raises(UnknownYear) as unknown:
        due_date(datetime.fromisoformat(received), 4, YEAR_2026, HOURS)
    assert unknown.value.year in (2025, 2027)


def test_the_next_year_is_missed_from_december_on() -> None:
    assert not next_year_is_missing(date(2026, 11, 30), YEAR_2026)
    assert next_year_is_missing(date(2026, 12, 1), YEAR_2026)
    both = Calendar(YEAR_2026.holidays, YEAR_2026.working_weekend_days, frozenset({2026, 2027}))
    assert not next_year_is_missing(date(2026, 12, 31), both)


@pytest.mark.parametrize(
    ("today", "light", "left"),
    [
        ("2026-09-28", "green", 9),
        ("2026-10-08", "green", 6),
        ("2026-10-12", "green", 3),
        ("2026-10-13", "yellow", 2),  # two of ten: a fifth
        ("2026-10-14", "yellow", 1),
        ("2026-10-15", "yellow", 0),
        ("2026-10-16", "red", -1),
        ("2026-10-18", "red", -1),  # Sunday: no further working day has gone by, overdue all the same
    ],
)
def test_light_over_national_day_for_ten_days_due_on_15_october(today: str, light: str, left: int) -> None:
    now, due = date.fromisoformat(today), date(2026, 10, 15)
    assert traffic_light(now, due, 10, YEAR_2026) == light
    assert remaining_working_days(now, due, YEAR_2026) == left


def test_a_weekend_after_the_due_day_is_red_though_no_working_day_was_lost() -> None:
    assert remaining_working_days(date(2026, 11, 21), date(2026, 11, 20), YEAR_2026) == 0
    assert traffic_light(date(2026, 11, 21), date(2026, 11, 20), 5, YEAR_2026) == "red"


def test_short_limits_are_yellow_on_their_last_day_only() -> None:
    monday, friday = date(2026, 11, 16), date(2026, 11, 20)
    assert traffic_light(monday, friday, 4, YEAR_2026) == "green"
    assert traffic_light(date(2026, 11, 18), friday, 4, YEAR_2026) == "green"
    assert traffic_light(date(2026, 11, 19), friday, 4, YEAR_2026) == "yellow"


@pytest.mark.parametrize(
    "broken",
    [
        lambda: Calendar(days("10-10"), days("10-10"), frozenset({2026})),
        lambda: Calendar(frozenset(), days("10-09"), frozenset({2026})),
        lambda: Session(time(12), time(12)),
        lambda: Hours(()),
        lambda: Hours((Session(time(9), time(14)), Session(time(13), time(17)))),
        lambda: Suspension(date(2026, 10, 2), date(2026, 10, 1)),
        lambda: add_working_days(date(2026, 10, 9), -1, YEAR_2026),
    ],
)
def test_values_that_contradict_themselves_are_refused(broken: object) -> None:
    with pytest.raises(ValueError):
        broken()  # type: ignore[operator]


IN_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))
EARLY = st.dates(date(2026, 1, 1), date(2026, 8, 31))
FEW = st.integers(1, 60)
BUDGET = settings(max_examples=50, deadline=None)


@BUDGET
@given(EARLY, st.integers(0, 60))
def test_never_lands_on_a_day_off(start: date, n: int) -> None:
    assert is_working_day(add_working_days(start, n, YEAR_2026), YEAR_2026)


@BUDGET
@given(EARLY, FEW)
def test_counting_back_gives_the_same_number(start: date, n: int) -> None:
    end = add_working_days(start, n, YEAR_2026)
    assert working_days_after(start, end, YEAR_2026) == n
    assert working_days_after(end, start, YEAR_2026) == -n


@BUDGET
@given(EARLY, EARLY, st.integers(0, 40), st.integers(0, 20))
def test_later_start_or_more_days_is_never_earlier(one: date, other: date, n: int, more: int) -> None:
    first, second = sorted((one, other))
    assert add_working_days(first, n, YEAR_2026) <= add_working_days(second, n, YEAR_2026)
    assert add_working_days(first, n, YEAR_2026) <= add_working_days(first, n + more, YEAR_2026)


@BUDGET
@given(EARLY, st.integers(1, 30), st.integers(1, 30))
def test_days_add_up(start: date, n: int, m: int) -> None:
    assert add_working_days(add_working_days(start, n, YEAR_2026), m, YEAR_2026) == add_working_days(
        start, n + m, YEAR_2026
    )


@BUDGET
@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 25)))  # noqa: DTZ001 - the hall's wall time
def test_received_on_a_working_day_never_before_it_was_handed_in(moment: datetime) -> None:
    day = received_on(moment, HOURS.close, YEAR_2026)
    assert is_working_day(day, YEAR_2026)
    assert day >= moment.date()
    if is_working_day(moment.date(), YEAR_2026) and moment.time() <= HOURS.close:
        assert day == moment.date()
    else:
        assert day == first_working_day(moment.date() + timedelta(days=1), YEAR_2026)


@BUDGET
@given(EARLY, st.integers(1, 30), EARLY, st.integers(0, 10))
def test_a_suspension_moves_the_due_day_by_the_working_days_it_covers(
    start: date, n: int, first: date, length: int
) -> None:
    assume(first > start)
    received = datetime.combine(start, time(10))
    plain = due_date(received, n, YEAR_2026, HOURS)
    stop = Suspension(first, first + timedelta(days=length))
    assert plain is not None
    moved = due_date(received, n, YEAR_2026, HOURS, [stop])
    day_0 = received_on(received, HOURS.close, YEAR_2026)
    assert moved is not None
    counted = [
        day_0 + timedelta(days=i)
        for i in range(1, (moved - day_0).days + 1)
        if is_working_day(day_0 + timedelta(days=i), YEAR_2026) and not stop.covers(day_0 + timedelta(days=i))
    ]
    assert moved >= plain
    assert (len(counted), counted[-1]) == (n, moved)


@BUDGET
@given(IN_2026, IN_2026, IN_2026)
def test_spans_add_up_in_any_order(a: date, b: date, c: date) -> None:
    assert working_days_after(a, b, YEAR_2026) + working_days_after(b, c, YEAR_2026) == working_days_after(
        a, c, YEAR_2026
    )
