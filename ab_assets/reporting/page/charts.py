"""Charts as static SVG: effects with their intervals, and effects over the days.

What belongs here: Vega-Lite specifications, and their drawing by vl-convert, which is imported at
first use. What does not: which effects are drawn, the words around a chart.

A chart holds names and numbers and no words of a language, so that pages in several languages share
its drawing. Names from outside stand in the data of a chart, never in its expressions or field
names. Nothing is told by colour alone: better, worse and open also differ by shape. Colours are
Okabe and Ito's. Measuring text costs most of a drawing: a chart has few labels.
"""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from ab_assets.reporting.formatting import plain_text
from ab_assets.reporting.interval_picture import Scale, scale_over

BETTER, WORSE, OPEN = "better", "worse", "open"
_LOOKS = {
    BETTER: ("#0072B2", "circle"),
    WORSE: ("#D55E00", "square"),
    OPEN: ("#595959", "diamond"),
}
_ZERO, _BAND, _LINE, _INK = "#999999", "#56B4E9", "#0072B2", "#1b1f24"
_VEGA_LITE = "6.1"
_WIDTH, _STEP, _SERIES_WIDTH, _SERIES_HEIGHT = 440, 38, 280, 120
# The text of an effect stands above its line.
_ABOVE, _BELOW = -9, 9
_LONGEST_LABEL, _MOST_DAYS, _MOST_POINTS = 36, 4, 15
_CONFIG = {
    "aria": False,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "gridColor": "#e5e5e5",
        "domain": False,
        "ticks": False,
        "labelPadding": 4,
        "title": None,
        "labelOverlap": False,
        "labelFlush": False,
        "labelExpr": "datum.value === 0 ? '0' : datum.label",
    },
}
Specification = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of a forest plot; without both ends the interval is unbounded and not drawn.

    Attributes:
        numbers: Effect and interval as text, in no language.
        outcome: ``better``, ``worse`` or ``open``.
    """

    label: str
    numbers: str
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


def forest_svg(effects: Sequence[Effect]) -> str:
    """Relative effects in percent below each other, around zero; cut-off ends are arrows."""
    scale = scale_over([(item.low, item.high) for item in effects], 100)
    room = 0.04 * (scale.high - scale.low)
    x_scale = {
        "domain": [100 * (scale.low - room), 100 * (scale.high + room)],
        "nice": False,
        "zero": False,
    }
    y = {"field": "line", "type": "ordinal", "axis": None, "scale": {"paddingOuter": 0}}
    paint = {"field": "color", "type": "nominal", "scale": None}
    marks = [mark for place, item in enumerate(effects) for mark in _marks(place, item, scale)]
    lines = [
        {"line": place, "low": _percent(item.low, scale), "high": _percent(item.high, scale),
         "color": _LOOKS[item.outcome][0]}
        for place, item in enumerate(effects) if _is_seen(item, scale)
    ]  # fmt: skip
    texts = [
        {"line": place, "label": _short(item.label), "numbers": item.numbers}
        for place, item in enumerate(effects)
    ]
    axis = {"format": "+.3~g", "tickCount": 4}
    x = {"type": "quantitative", "scale": x_scale, "axis": axis}
    layers = [
        _layer({"type": "rule", "color": _ZERO}, [{"zero": 0}], x=x | {"field": "zero"}),
        _layer({"type": "rule", "strokeWidth": 2.5, "yOffset": _BELOW}, lines,
               x=x | {"field": "low"}, x2={"field": "high"}, y=y, color=paint),
        _layer({"type": "point", "filled": True, "size": 75, "opacity": 1, "yOffset": _BELOW},
               marks, x=x | {"field": "value"}, y=y, color=paint,
               shape={"field": "shape", "type": "nominal", "scale": None}),
        *(
            _layer({"type": "text", "align": align, "fontSize": 12, "yOffset": _ABOVE,
                    "color": _INK}, texts,
                   x={"value": place}, y=y, text={"field": field, "type": "nominal"})
            for field, align, place in (("label", "left", 0), ("numbers", "right", _WIDTH))
        ),
    ]  # fmt: skip
    return _svg({"layer": layers, "width": _WIDTH, "height": {"step": _STEP}})


def series_svg(days: Sequence[DayEffect], factor: float) -> str:
    """An effect over the days: the always-valid band behind the interval of each day.

    Args:
        days: Oldest first, at least one.
        factor: What values are multiplied with before they are drawn (100 for percentages).
    """
    names = ("point", "low", "high", "always_low", "always_high")
    rows = [
        {"day": item.day.isoformat()}
        | {name: _times(getattr(item, name), factor) for name in names}
        for item in days
    ]
    known = [row for row in rows if row["low"] is not None and row["high"] is not None]
    step = -(-len(rows) // _MOST_DAYS)
    named = [{"expr": f"utc({day.year}, {day.month - 1}, {day.day})"}
             for day in (item.day for item in days[::step])]  # fmt: skip
    x = {
        "field": "day",
        "type": "temporal",
        "timeUnit": "utcyearmonthdate",
        "axis": {
            "format": "%m-%d",
            "values": named,
            "grid": False,
            "labelExpr": "datum.label",
            "labelPadding": 6,
        },
    }
    y = {"type": "quantitative", "axis": {"format": "+,.3~g", "tickCount": 3}}
    layers = [
        _layer({"type": "area", "color": _BAND, "opacity": 0.3}, rows,
               x=x, y=y | {"field": "always_low"}, y2={"field": "always_high"}),
        _layer({"type": "rule", "color": _ZERO, "strokeDash": [4, 3]}, [{"zero": 0}],
               y=y | {"field": "zero"}),
        _layer({"type": "rule", "color": _LINE, "strokeWidth": 2}, known,
               x=x, y=y | {"field": "low"}, y2={"field": "high"}),
        _layer({"type": "line", "color": _LINE, "point": len(rows) <= _MOST_POINTS}, rows,
               x=x, y=y | {"field": "point"}),
    ]  # fmt: skip
    return _svg({"layer": layers, "width": _SERIES_WIDTH, "height": _SERIES_HEIGHT})


def _marks(place: int, item: Effect, scale: Scale) -> Iterator[dict[str, object]]:
    """The point of an effect, and arrows where its interval goes on beyond the chart."""
    color, shape = _LOOKS[item.outcome]

    def mark(value: float, form: str) -> dict[str, object]:
        return {"line": place, "value": 100 * value, "color": color, "shape": form}

    if item.low is None or item.high is None:
        yield mark(min(max(item.point, scale.low), scale.high), shape)
        return
    if scale.low <= item.point <= scale.high:
        yield mark(item.point, shape)
    if item.low < scale.low:
        yield mark(scale.low, "triangle-left")
    if item.high > scale.high:
        yield mark(scale.high, "triangle-right")


def _is_seen(item: Effect, scale: Scale) -> bool:
    if item.low is None or item.high is None:
        return False
    return max(item.low, scale.low) <= min(item.high, scale.high)


def _percent(end: float | None, scale: Scale) -> float | None:
    return None if end is None else 100 * min(max(end, scale.low), scale.high)


def _layer(mark: Specification, rows: Sequence[Specification], **encoding: object) -> Specification:
    return {"mark": mark, "data": {"values": list(rows)}, "encoding": encoding}


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _short(text: str) -> str:
    """As much of a label as leaves room for the numbers; wide characters count twice."""
    line, used = plain_text(text), 0
    for place, one in enumerate(line):
        used += 2 if unicodedata.east_asian_width(one) in "WF" else 1
        if used > _LONGEST_LABEL:
            return f"{line[: place - 1]}…"
    return line


def _svg(chart: Specification) -> str:
    return _drawn(json.dumps({"config": _CONFIG} | chart, allow_nan=False))


@lru_cache(maxsize=256)
def _drawn(specification: str) -> str:
    import vl_convert  # noqa: PLC0415

    return str(vl_convert.vegalite_to_svg(specification, vl_version=_VEGA_LITE))
