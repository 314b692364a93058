"""A forest plot of characters: relative effects with their intervals, one line a comparison.

What belongs here: laying the lines out so that they can be compared at a glance, where nothing but
text is sure to be shown. What does not: an interval's picture (``interval_picture``), choosing the
comparisons.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ab_assets.reporting.formatting import interval, plain_text, share
from ab_assets.reporting.interval_picture import interval_picture, scale_over

_WIDTH = 19
_LONGEST_LABEL = 20
_UNBOUNDED = "unbounded"


@dataclass(frozen=True, slots=True)
class Effect:
    """One comparison: its label, its relative uplift and interval.

    Attributes:
        low: Lower end; None where the interval is unbounded or was not computed.
        is_significant: Whether it is marked as such.
        group: What it belongs to; told once, above the first of a group.
    """

    label: str
    low: float | None
    uplift: float | None
    high: float | None
    is_significant: bool = False
    group: str = ""


def text_forest_plot(effects: Sequence[Effect], width: int = _WIDTH) -> str:
    """The plot as lines of equal columns, to one scale, for a monospaced block.

    With the default width a line has fifty characters, which is what the page of a partition in
    Dagster's UI has room for beside its navigation. So the ends of intervals are drawn, not told.

    Args:
        effects: From top to bottom; those of a group follow each other.
        width: Characters of the pictures.

    Examples:
        >>> print(text_forest_plot([Effect("clicks", -0.01, 0.02, 0.05, True)], width=15))
                 -1.0 … +5.0 %
        clicks  ├─┼────●──────┤  +2.0 %*
    """
    if not effects:
        return ""
    scale = scale_over([(effect.low, effect.high) for effect in effects], width)
    labels = [_cut(plain_text(effect.label)) for effect in effects]
    uplifts = [share(effect.uplift) + ("*" if effect.is_significant else " ") for effect in effects]
    widest, room = max(map(_cells, labels)), max(map(len, uplifts))
    lines = [f"{' ' * widest}  {interval(scale.low, scale.high).center(width)}".rstrip()]
    group = ""
    for label, effect, uplift in zip(labels, effects, uplifts, strict=True):
        if effect.group != group:
            group = effect.group
            lines.append(plain_text(group))
        picture = interval_picture(effect.low, effect.uplift, effect.high, scale)
        padded = label + " " * (widest - _cells(label))
        is_open = effect.uplift is not None and None in {effect.low, effect.high}
        told = f"  {_UNBOUNDED}" if is_open else ""
        lines.append(f"{padded}  {picture}  {uplift.rjust(room)}{told}".rstrip())
    return "\n".join(lines)


def _cut(label: str) -> str:
    if _cells(label) <= _LONGEST_LABEL:
        return label
    kept = label
    while _cells(kept) >= _LONGEST_LABEL:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _cells(text: str) -> int:
    """Columns a text takes where Chinese characters are two wide."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
