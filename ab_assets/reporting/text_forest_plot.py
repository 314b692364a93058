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

_WIDTH = 25
_LONGEST_LABEL = 26
_UNBOUNDED = "unbounded"


@dataclass(frozen=True, slots=True)
class Effect:
    """One comparison: its label, its relative uplift and interval.

    Attributes:
        low: Lower end; None where the interval is unbounded or was not computed.
        is_significant: Whether it is marked as such.
    """

    label: str
    low: float | None
    uplift: float | None
    high: float | None
    is_significant: bool = False


def text_forest_plot(effects: Sequence[Effect], width: int = _WIDTH) -> str:
    """The plot as lines of equal columns, to one scale, for a monospaced block.

    Args:
        effects: From top to bottom.
        width: Characters of the pictures.

    Examples:
        >>> print(text_forest_plot([Effect("clicks", -0.01, 0.02, 0.05, True)], width=13))
                -1.0 % … +5.0 %
        clicks  ├─┼───●─────┤  +2.0 %*  -1.0 … +5.0 %
    """
    if not effects:
        return ""
    scale = scale_over([(effect.low, effect.high) for effect in effects], width)
    labels = [_cut(plain_text(effect.label)) for effect in effects]
    widest = max(map(_cells, labels))
    uplifts = [share(effect.uplift) + ("*" if effect.is_significant else "") for effect in effects]
    room = max(map(len, uplifts))
    lines = [f"{' ' * widest}  {share(scale.low)} … {share(scale.high)}"]
    for label, effect, uplift in zip(labels, effects, uplifts, strict=True):
        picture = interval_picture(effect.low, effect.uplift, effect.high, scale)
        padded = label + " " * (widest - _cells(label))
        lines.append(f"{padded}  {picture}  {uplift.rjust(room)}  {_ends(effect)}".rstrip())
    return "\n".join(lines)


def _ends(effect: Effect) -> str:
    if effect.uplift is not None and (effect.low is None or effect.high is None):
        return _UNBOUNDED
    return interval(effect.low, effect.high)


def _cut(label: str) -> str:
    if _cells(label) <= _LONGEST_LABEL:
        return label
    kept = ""
    for character in label:
        if _cells(kept + character) >= _LONGEST_LABEL:
            break
        kept += character
    return f"{kept.rstrip()}…"


def _cells(text: str) -> int:
    """Columns a text takes where Chinese characters are two wide."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
