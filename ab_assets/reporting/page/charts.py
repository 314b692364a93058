"""Charts as static SVG: effects with their intervals, and effects over the days.

What belongs here: drawing with Altair and vl-convert, which are imported at first use. What does
not: which effects are drawn, text beside a chart.

Names from outside stand in the data of a chart, never in its expressions or field names. Nothing is
told by colour alone: better, worse and open also differ by shape. Colours are Okabe and Ito's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ab_assets.reporting.formatting import plain_text
from ab_assets.reporting.interval_picture import Scale, scale_over

BETTER, WORSE, OPEN = "better", "worse", "open"
_LOOKS = {
    BETTER: ("#0072B2", "circle"),
    WORSE: ("#D55E00", "square"),
    OPEN: ("#595959", "diamond"),
}
_ZERO, _BAND, _LINE = "#999999", "#56B4E9", "#0072B2"
_VEGA_LITE = "6.1"
_LONGEST_LABEL = 48
_INVISIBLE = "\u200b"


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of a forest plot; without both ends the interval is unbounded and not drawn.

    Attributes:
        outcome: ``better``, ``worse`` or ``open``.
    """

    label: str
    low: float | None
    point: float
    high: float | None
    outcome: str


@dataclass(frozen=True, slots=True)
class DayEffect:
    """An effect as of one day: its interval at a fixed horizon and its always-valid one."""

    day: date
    point: float | None
    low: float | None
    high: float | None
    always_low: float | None
    always_high: float | None


def forest_svg(effects: Sequence[Effect], title: str, unbounded: str) -> str:
    """Relative effects below each other, around zero; cut-off ends are arrows."""
    import altair as alt  # noqa: PLC0415

    scale = scale_over([(item.low, item.high) for item in effects], 100)
    rows = [_forest_row(item, place, scale, unbounded) for place, item in enumerate(effects)]
    domain = [100 * _widened(scale)[0], 100 * _widened(scale)[1]]
    chart = alt.Chart(_data(rows))
    y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=250, ticks=False))
    x_scale = alt.Scale(domain=domain, nice=False, zero=False)
    x_axis = alt.Axis(format="+.3~g", title=title, tickCount=6)
    paint = alt.Color("color:N", scale=None)
    layers = [
        alt.Chart(_data([{"zero": 0}]))
        .mark_rule(color=_ZERO, strokeDash=[4, 3])
        .encode(x=alt.X("zero:Q", scale=x_scale, axis=x_axis)),
        chart.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2)
        .encode(x=alt.X("low:Q", scale=x_scale, axis=x_axis), x2="high:Q", y=y, color=paint),
        *(
            chart.transform_filter(f"isValid(datum.{end})")
            .mark_point(shape=shape, filled=True, size=50, opacity=1)
            .encode(x=alt.X(f"{end}:Q", scale=x_scale), y=y, color=paint)
            for end, shape in (("cut_low", "triangle-left"), ("cut_high", "triangle-right"))
        ),
        chart.transform_filter("isValid(datum.point)")
        .mark_point(filled=True, size=80, opacity=1)
        .encode(
            x=alt.X("point:Q", scale=x_scale),
            y=y,
            color=paint,
            shape=alt.Shape("shape:N", scale=None),
        ),
        chart.transform_filter("datum.note != ''")
        .mark_text(align="left", dx=9, fontStyle="italic", color="#333333")
        .encode(x=alt.X("point:Q", scale=x_scale), y=y, text="note:N"),
    ]
    return _svg(alt.layer(*layers).properties(width=440, height={"step": 24}))


def series_svg(days: Sequence[DayEffect], title: str, y_title: str, factor: float) -> str:
    """An effect over the days: the always-valid band behind the interval of each day.

    Args:
        days: Oldest first.
        title: Above the chart.
        y_title: What the vertical axis is in.
        factor: What values are multiplied with before they are drawn (100 for percentages).
    """
    import altair as alt  # noqa: PLC0415

    names = ("point", "low", "high", "always_low", "always_high")
    rows = [
        {"day": item.day.isoformat()}
        | {name: _times(getattr(item, name), factor) for name in names}
        for item in days
    ]
    chart = alt.Chart(_data(rows))
    x = alt.X(
        "day:T",
        timeUnit="utcyearmonthdate",
        title=None,
        axis=alt.Axis(format="%m-%d", tickCount=min(len(days), 8), grid=False),
    )
    layers = [
        chart.mark_area(color=_BAND, opacity=0.3).encode(x=x, y="always_low:Q", y2="always_high:Q"),
        alt.Chart(_data([{"zero": 0}]))
        .mark_rule(color=_ZERO, strokeDash=[4, 3])
        .encode(y=alt.Y("zero:Q")),
        chart.transform_filter("isValid(datum.low)")
        .mark_rule(color=_LINE, strokeWidth=2)
        .encode(x=x, y=alt.Y("low:Q", title=y_title), y2="high:Q"),
        chart.mark_line(color=_LINE, point={"filled": True, "size": 40}).encode(
            x=x, y=alt.Y("point:Q", title=y_title, axis=alt.Axis(format="+,.3~g", tickCount=5))
        ),
    ]
    shown = alt.TitleParams([_short(title)], anchor="start", fontSize=12)
    return _svg(alt.layer(*layers).properties(width=280, height=130, title=shown))


def _forest_row(item: Effect, place: int, scale: Scale, unbounded: str) -> dict[str, Any]:
    """In percent. Labels that look the same are told apart by characters nobody sees."""
    color, shape = _LOOKS[item.outcome]
    row: dict[str, Any] = {
        "label": _short(item.label) + _INVISIBLE * place,
        "color": color,
        "shape": shape,
        "note": "",
        "low": None,
        "high": None,
        "cut_low": None,
        "cut_high": None,
    }
    row["point"] = 100 * item.point if scale.low <= item.point <= scale.high else None
    if item.low is None or item.high is None:
        row["point"] = 100 * min(max(item.point, scale.low), scale.high)
        row["note"] = unbounded
        return row
    low, high = max(item.low, scale.low), min(item.high, scale.high)
    if low <= high:
        row |= {"low": 100 * low, "high": 100 * high}
    row["cut_low"] = 100 * scale.low if item.low < scale.low else None
    row["cut_high"] = 100 * scale.high if item.high > scale.high else None
    return row


def _widened(scale: Scale) -> tuple[float, float]:
    room = 0.04 * (scale.high - scale.low)
    return scale.low - room, scale.high + room


def _data(rows: list[dict[str, Any]]) -> Any:  # noqa: ANN401 (Altair's classes)
    import altair as alt  # noqa: PLC0415

    return alt.Data(values=rows)  # type: ignore[no-untyped-call]  # generated without annotations


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _short(text: str) -> str:
    line = plain_text(text)
    return line if len(line) <= _LONGEST_LABEL else f"{line[: _LONGEST_LABEL - 1]}…"


def _svg(chart: Any) -> str:  # noqa: ANN401 (Altair's classes are made at run time)
    import vl_convert  # noqa: PLC0415

    styled = chart.configure_view(stroke=None).configure_axis(
        labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#e5e5e5"
    )
    # Validation costs more than drawing; the specification does not depend on outside data.
    specification = styled.to_dict(validate=False)
    return str(vl_convert.vegalite_to_svg(specification, vl_version=_VEGA_LITE))
