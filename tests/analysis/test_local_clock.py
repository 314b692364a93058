"""The rule: an instant's business day by offsets is its day on the zone's own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.analysis.local_clock import local_clock

_FIRST = datetime(2019, 1, 1, tzinfo=UTC)
_ZONES = (
    "UTC",
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
)


@given(
    zone=st.sampled_from(_ZONES),
    first_second=st.integers(0, 6 * 365 * 86_400),
    length=st.integers(0, 400 * 86_400),
    share=st.floats(0, 1),
)
def test_an_instant_has_the_offset_of_its_zone(
    zone: str, first_second: int, length: int, share: float
) -> None:
    starts = _FIRST + timedelta(seconds=first_second)
    ends = starts + timedelta(seconds=length, microseconds=999_999)
    instant = starts + (ends - starts) * share
    clock = local_clock(ZoneInfo(zone), starts, ends)
    offset = clock.offset
    for change, later in clock.changes:
        offset = later if instant >= change else offset
    assert timedelta(seconds=offset) == instant.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize("microseconds", [-1, 0, 1])
def test_a_change_is_found_to_the_microsecond(microseconds: int) -> None:
    change = datetime(2025, 3, 30, 1, tzinfo=UTC)
    ends = change + timedelta(microseconds=microseconds)
    found = local_clock(ZoneInfo("Europe/Berlin"), change - timedelta(hours=2), ends)
    assert found.changes == (() if microseconds < 0 else ((change, 7200),))


def test_the_latest_change_is_asked_for_first() -> None:
    clock = local_clock(ZoneInfo("Europe/Berlin"), _FIRST, _FIRST + timedelta(days=365))
    assert clock.numbers == (2, 1)
    assert set(clock.parameters) == {
        "clock_offset_0",
        "clock_from_1",
        "clock_offset_1",
        "clock_from_2",
        "clock_offset_2",
    }
