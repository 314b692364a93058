"""Formatted numbers in the language of the page.

What belongs here: the words that stand within numbers, and outcomes. What does not: the formats
themselves (:mod:`ab_assets.reporting.formatting`).
"""

import re
from collections.abc import Mapping
from typing import Any

from ab_assets.reporting import formatting
from ab_assets.reporting.language import Language
from ab_assets.reporting.page.charts import BETTER, OPEN, WORSE

Row = Mapping[str, Any]
POINTS = "pp"
# Where the sentences of decisions name metrics.
_LISTED = re.compile(r"(?<=: )[^;:]+")
_AWAITED = re.compile(r"(?<= until )\S+(?= has )")


def difference(value: float | None, unit: str, language: Language) -> str:
    """A signed difference."""
    return _in_words(formatting.signed_quantity(value, unit), unit, language)


def difference_interval(
    low: float | None, high: float | None, unit: str, language: Language
) -> str:
    """An interval of a difference."""
    return _in_words(formatting.quantity_interval(low, high, unit), unit, language)


def uplift_interval(row: Row, language: Language) -> str:
    """The relative interval; where there is an uplift and none, it is unbounded."""
    if row["rel_uplift"] is not None and (row["rel_ci_low"] is None or row["rel_ci_high"] is None):
        return language.say("unbounded")
    return formatting.interval(row["rel_ci_low"], row["rel_ci_high"])


def outcome(row: Row) -> str:
    """Whether a comparison is better, worse or open, by the test it is decided with."""
    if not row["significant"] or row["abs_diff"] is None:
        return OPEN
    return BETTER if (row["abs_diff"] > 0) == (row["direction"] == "up") else WORSE


def outcome_words(row: Row, language: Language) -> str:
    """The same in words, so that no colour is needed."""
    if row["abs_diff"] is None:
        return "–"
    said = {BETTER: "better", WORSE: "worse", OPEN: "not significant"}[outcome(row)]
    return language.say(said)


def with_titles(reason: str, titles: Mapping[str, str]) -> str:
    """A decision's reason with the titles of metrics for their keys; other names stay.

    Examples:
        >>> with_titles("goal better: d1, d7; not yet proven harmless: users", {"d1": "Day 1"})
        'goal better: Day 1, d7; not yet proven harmless: users'
        >>> with_titles("14 more days until users has 2,000 users", {"users": "People"})
        '14 more days until People has 2,000 users'
    """

    def titled(found: re.Match[str]) -> str:
        return ", ".join(titles.get(key, key) for key in found[0].split(", "))

    listed = _LISTED.sub(titled, reason)
    return _AWAITED.sub(titled, listed) if listed == reason else listed


def _in_words(text: str, unit: str, language: Language) -> str:
    return text.replace(POINTS, language.say(POINTS)) if unit == "percent" else text
