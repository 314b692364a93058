"""One finding at a glance: its sentence, its numbers by arm as a table, and a small chart.

What belongs here: reading a finding's detail as a person would. What does not: the checks, and all
findings of a day in one table (``health_summary``).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ab_assets.health.finding import Finding, Status
from ab_assets.reporting.formatting import markdown_table, markdown_text, number, p_value
from ab_assets.reporting.sparkline import sparkline

_MARKS = {Status.PASS: "✓ pass", Status.WARN: "! warn", Status.FAIL: "✗ fail"}
_WIDTH = 20
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_MOST_ROWS = 20
# Lists over days, oldest first, by the name they have in a detail.
_OVER_DAYS = ("units_by_day", "changes")
_NOT_BY_ARM = (*_OVER_DAYS, "p_values")
# Kept for the days to come, not for reading.
_HIDDEN = ("totals",)


def finding_markdown(finding: Finding) -> str:
    """The finding as Markdown.

    What its detail holds by variation key becomes the columns of one table with a bar for the first
    of them; what it holds by something else and then by key, a table of its own; what it holds over
    days, a line of small bars.
    """
    parts = [
        f"**{_MARKS[finding.status]}** {markdown_text(finding.message)}",
        _numbers(finding),
        _by_arm(finding.detail),
        *_by_name_and_arm(finding.detail),
        _segments(finding.detail),
        *_over_days(finding.detail),
    ]
    return "\n\n".join(part for part in parts if part)


def bar(value: float, largest: float) -> str:
    """A horizontal bar of up to twenty characters.

    Examples:
        >>> bar(3, 8), bar(0, 8), bar(8, 8) == "█" * 20
        ('███████▌', '', True)
    """
    if not (largest > 0 and value > 0):
        return ""
    eighths = round(8 * _WIDTH * min(value / largest, 1.0))
    return _EIGHTHS[8] * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _numbers(finding: Finding) -> str:
    known = {
        "value": number(finding.value),
        "threshold": number(finding.threshold),
        "p": p_value(finding.p_value),
    }
    return ", ".join(f"{name} {text}" for name, text in known.items() if text != number(None))


def _by_arm(detail: Mapping[str, object]) -> str:
    """The table of everything that has one number an arm; its chart is of the first column."""
    columns = _columns_by_arm(detail)
    if not columns:
        return ""
    arms = list(dict.fromkeys(key for values in columns.values() for key in values))
    first = next(iter(columns.values()))
    largest = max((value for value in first.values() if value is not None), default=0.0)
    rows = [
        [
            arm,
            *(_cell(values.get(arm)) for values in columns.values()),
            bar(first.get(arm) or 0.0, largest),
        ]
        for arm in arms[:_MOST_ROWS]
    ]
    return markdown_table(["key", *(_words(name) for name in columns), ""], rows)


def arm_lines(finding: Finding) -> list[dict[str, str]]:
    """What a finding has one number an arm of: a line an arm, by the names of the columns.

    Examples:
        >>> from ab_assets.health.finding import Check
        >>> counted = {"observed": {"a": 1200, "b": 3}}
        >>> arm_lines(Finding("exp_1", Check.SAMPLE_RATIO, Status.PASS, "", detail=counted))
        [{'key': 'a', 'observed': '1,200'}, {'key': 'b', 'observed': '3'}]
    """
    columns = _columns_by_arm(finding.detail)
    arms = list(dict.fromkeys(key for values in columns.values() for key in values))
    return [
        {"key": arm} | {_words(name): _cell(values.get(arm)) for name, values in columns.items()}
        for arm in arms[:_MOST_ROWS]
    ]


def _columns_by_arm(detail: Mapping[str, object]) -> dict[str, Mapping[str, float | None]]:
    return {
        name: values
        for name, held in detail.items()
        if name not in _NOT_BY_ARM and (values := _numbers_by_key(held))
    }


def _by_name_and_arm(detail: Mapping[str, object]) -> Iterable[str]:
    for name, held in detail.items():
        if name in _HIDDEN or not isinstance(held, Mapping):
            continue
        values = {row: found for row, inner in held.items() if (found := _numbers_by_key(inner))}
        if values:
            arms = list(dict.fromkeys(key for inner in values.values() for key in inner))
            rows = [
                [row, *(_cell(inner.get(arm)) for arm in arms)]
                for row, inner in list(values.items())[:_MOST_ROWS]
            ]
            yield markdown_table([_words(name), *arms], rows)


def _segments(detail: Mapping[str, object]) -> str:
    segments = detail.get("segments")
    if not isinstance(segments, list) or not segments:
        return ""
    rows = [
        [
            f"{one['dimension']}={one['value']}",
            " / ".join(_cell(value) for value in one["observed"].values()),
            " / ".join(_cell(value) for value in one["expected"].values()),
            p_value(one["p_value"]),
        ]
        for one in segments[:_MOST_ROWS]
    ]
    return markdown_table(["segment", "observed", "expected", "p"], rows)


def _over_days(detail: Mapping[str, object]) -> Iterable[str]:
    for name in _OVER_DAYS:
        held: Any = detail.get(name)
        values = list(held.values()) if isinstance(held, Mapping) else held
        if values:
            ends = f"{number(min(values))} … {number(max(values))}"
            yield f"{_words(name)}: `{sparkline(values)}` ({ends}, last {number(values[-1])})"


def _numbers_by_key(held: object) -> Mapping[str, float | None]:
    """What is held, where it is a number a key; empty where it is anything else."""
    if not isinstance(held, Mapping):
        return {}
    values = {
        str(key): value
        for key, value in held.items()
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    }
    return values if len(values) == len(held) else {}


def _cell(value: float | None) -> str:
    return f"{value:,}" if isinstance(value, int) else number(value)


def _words(name: str) -> str:
    return name.replace("_", " ")
