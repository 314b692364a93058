"""Times in files: what is read as which moment.

What belongs here: the accepted forms of a time. What does not: which column is one.

Accepted: ISO 8601 with date and time, seconds and a fraction optional, ``T`` or a space between,
with ``Z`` or an offset, or without one (then UTC); whole Unix times of 10 (seconds), 13 (milli-)
or 16 digits (microseconds), which no two units share for the years 2001 to 2286. A date alone is
refused: midnight would silently put exposures before, or events after, what really happened.
Only the years 1970 to 2100.
"""

import polars as pl

_ISO = (
    r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::([0-5]\d)(?:[.,](\d{1,9}))?)?"
    r" ?(?:[Zz]|([+-])(\d{2})(?::?([0-5]\d))?)?$"
)
_UNIX = {10: 1_000_000, 13: 1_000, 16: 1}  # digits -> microseconds
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_DAY_SECONDS = 86_400
_CALENDAR = (-62_135_596_800, 253_402_300_799)  # seconds from 1970 that Python's datetime holds
_LONGEST = (-999_999_999 * _DAY_SECONDS, 999_999_999 * _DAY_SECONDS)  # and its timedelta
_INT64 = 2**63 - 1
_SECONDS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_HOUR, _MINUTE = 3_600_000_000, 60_000_000


def read_times(series: pl.Series) -> pl.Series | None:
    """Reads a column of times.

    Args:
        series: Text, whole numbers, or times with or without a zone.

    Returns:
        Naive UTC times in microseconds, NULL for what is no time of the accepted forms; None when
        the
        type of the column cannot hold times.
    """
    kind = series.dtype
    if isinstance(kind, pl.Datetime):
        zoned = (
            series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            if kind.time_zone
            else series
        )
        return _in_range(zoned.dt.cast_time_unit("us"))
    if kind.is_integer() or kind == pl.Null:
        return _from_text(series.cast(pl.String))
    if kind == pl.String:
        return _from_text(series)
    return None


def with_calendar_times(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame, with times that no calendar of Python holds made text: their count and its unit.

    Nothing could print such a time, or cut it to another unit without ending up somewhere else. The
    other times of such a column become text as well.
    """
    return frame.with_columns(_calendar(frame[name]) for name in frame.columns)


def _calendar(series: pl.Series) -> pl.Series:
    kind = series.dtype
    if isinstance(kind, pl.Datetime | pl.Duration):
        unit, scale = str(kind.time_unit), float(_SECONDS[kind.time_unit])
    elif kind == pl.Date:
        unit, scale = "days", 1 / _DAY_SECONDS
    else:
        return series
    low, high = _LONGEST if isinstance(kind, pl.Duration) else _CALENDAR
    count = series.to_physical()
    inside = count.is_between(max(int(low * scale), -_INT64), min(int(high * scale), _INT64))
    if inside.all():
        return series
    known = pl.select(pl.when(inside).then(series)).to_series()
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        known = known.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    counted = pl.when(~inside).then(count.cast(pl.String) + f" {unit}")
    texts = pl.coalesce(counted, known.dt.to_string("iso"))
    return pl.select(texts.alias(series.name)).to_series()


def _from_text(series: pl.Series) -> pl.Series:
    unix = pl.coalesce(
        *(
            pl.when(pl.col("text").str.contains(rf"^\d{{{digits}}}$")).then(
                pl.col("text").cast(pl.Int64, strict=False) * scale
            )
            for digits, scale in _UNIX.items()
        )
    ).cast(pl.Datetime("us"))
    frame = pl.DataFrame({"text": series})
    return _in_range(frame.select(pl.coalesce(_iso(), unix).alias("time")).to_series())


def _iso() -> pl.Expr:
    groups = pl.col("text").str.extract_groups(_ISO).struct
    day, minute, second = (groups.field(str(index)) for index in (1, 2, 3))
    sign, hours, minutes = (groups.field(str(index)) for index in (5, 6, 7))
    fraction = (groups.field("4").fill_null("") + "000000").str.slice(0, 6).cast(pl.Int64)
    clock = (day + " " + minute + ":" + second.fill_null("00")).str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="us", strict=False
    )
    away = (
        hours.cast(pl.Int64, strict=False).fill_null(0) * _HOUR
        + minutes.cast(pl.Int64, strict=False).fill_null(0) * _MINUTE
    )
    offset = pl.when(sign == "-").then(-away).otherwise(away)
    moment = (clock.cast(pl.Int64) + fraction - offset).cast(pl.Datetime("us"))
    return pl.when(away < 24 * _HOUR).then(moment)


def _in_range(series: pl.Series) -> pl.Series:
    kept = series.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)
    return (
        pl.DataFrame({"time": series, "kept": kept})
        .select(pl.when("kept").then("time"))
        .to_series()
    )
