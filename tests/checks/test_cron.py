"""Cron by numbers against a calendar, zones against the standard library's reading of the same database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlang.checks.cron import Cron, read_cron
from flowlang.checks.zones import changes, is_zone, zone_names

DAYS = [datetime(2023, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(4 * 365 + 1)]


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    span = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
    stepped = st.tuples(st.just("*") | span, st.integers(1, high)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    listed = st.tuples(number, span).map(lambda pair: f"{pair[0]},{pair[1]}")
    return st.just("*") | number.map(str) | span | stepped | listed


CRONS = st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)).map(" ".join)


def fires_on(cron: Cron, day: datetime) -> bool:
    dom, dow = day.day in cron.days, day.isoweekday() % 7 in cron.weekdays
    return day.month in cron.months and ((dom and dow) if cron.needs_both else (dom or dow))


@settings(max_examples=60)
@given(CRONS)
def test_gaps_and_dates_are_those_of_the_calendar(text: str) -> None:
    cron = read_cron(text)
    assert cron is not None
    days = [day for day in DAYS if fires_on(cron, day)]
    is_monthly_and_weekly = cron.needs_both and len(cron.days) < 31 and len(cron.weekdays) < 7
    if cron.never_fires():
        assert days == []
    elif not is_monthly_and_weekly:
        assert days
    times = [day + timedelta(minutes=minute) for day in days[:60] for minute in cron.times()]
    gaps = [(later - earlier) // timedelta(minutes=1) for earlier, later in pairwise(times)]
    assert not gaps or min(gaps) >= cron.shortest_gap() or not cron.needs_both


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("*/5 * * * *", 5), ("0,10 9 * * *", 10), ("0 9 * * mon-fri", 1440), ("0 9 * * mon", 7 * 1440),
        ("0 0 1 * *", 28 * 1440),
    ],
)  # fmt: skip
def test_the_shortest_gap(text: str, gap: int) -> None:
    cron = read_cron(text)
    assert cron is not None
    assert cron.shortest_gap() == gap


@pytest.mark.parametrize("text", ["", "* * * *", "61 * * * *", "* * * * mon-fry", None, 5])
def test_what_is_no_cron(text: object) -> None:
    assert read_cron(text) is None


# ---- zones


def transitions(zone: ZoneInfo, year: int) -> list[tuple[bool, datetime, int]]:
    """Forward or back, the first local minute that is not or comes twice, and how many there are."""
    at = datetime(year, 1, 1, tzinfo=UTC)
    found = []
    for _ in range(366 * 24 * 2):
        following = at + timedelta(minutes=30)
        before, after = at.astimezone(zone).utcoffset(), following.astimezone(zone).utcoffset()
        assert before is not None
        assert after is not None
        if before != after:
            size = int((after - before).total_seconds() // 60)
            local = (following + before).replace(tzinfo=None)
            found.append((size > 0, local if size > 0 else local + timedelta(minutes=size), abs(size)))
        at = following
    return found


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Santiago", "America/Nuuk", "Australia/Lord_Howe",
        "Africa/Cairo", "Asia/Jerusalem", "Asia/Kolkata", "Pacific/Auckland", "Asia/Tokyo",
    ],
)  # fmt: skip
def test_clocks_change_as_the_database_says(name: str) -> None:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        zone = ZoneInfo.from_file(file)
    expected = transitions(zone, 2031)
    found = changes(name)
    if found is None:
        assert expected == []
        return
    assert len(expected) == 2
    for is_forward, local, size in expected:
        change = found[0 if is_forward else 1]
        assert (change.month, change.start, change.end - change.start) == (
            local.month, local.hour * 60 + local.minute, size,
        )  # fmt: skip
        assert local.day in change.days
        assert change.weekday == local.isoweekday() % 7


def test_which_zones_there_are() -> None:
    names = zone_names()
    assert len(names) > 400
    assert all(is_zone(name) for name in names)
    for name in ("", "Europe", "Europe/", "/etc/passwd", "../../etc/passwd", "europe/berlin", "zones", "\0", "MEZ"):
        assert not is_zone(name), name
