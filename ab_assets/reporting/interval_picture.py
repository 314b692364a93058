"""An interval as one line of characters, drawn to a scale that several lines share.

What belongs here: where on a line a value falls, and the characters. What does not: which intervals
are drawn together, and the words beside them.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import TypeGuard

_ZERO = "│"
_LINE, _LINE_OVER_ZERO = "─", "┼"
_POINT = "●"
_BEGIN, _END = "├", "┤"
_BEYOND_LOW, _BEYOND_HIGH = "◄", "►"
# One very wide interval must not squeeze all the others into dots: it is cut off.
_TIMES_THE_USUAL = 3.0


@dataclass(frozen=True, slots=True)
class Scale:
    """The stretch of numbers that a line shows.

    Attributes:
        low: The number of the first character.
        high: The number of the last one; above ``low``.
        width: Characters, at least three.
    """

    low: float
    high: float
    width: int

    def place(self, value: float) -> int:
        """The character a number falls on; the first or the last where it lies beyond.

        Examples:
            >>> scale = Scale(-1, 1, 21)
            >>> scale.place(-5), scale.place(0), scale.place(float("inf"))
            (0, 10, 20)
        """
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return math.floor(share * (self.width - 1) + 0.5)


def scale_over(intervals: Iterable[tuple[float | None, float | None]], width: int) -> Scale:
    """A scale on which zero and these intervals lie, a very wide one cut off.

    What reaches further from zero than three times the median of how far each reaches is not shown
    to its end.

    Args:
        intervals: Lower and upper ends; None, NaN and infinite ends have no say.
        width: Characters.

    Examples:
        >>> scale_over([(-0.01, 0.03), (0.01, 0.02), (-9.0, None)], 9)
        Scale(low=-0.09, high=0.03, width=9)
        >>> scale_over([], 9)
        Scale(low=-1.0, high=1.0, width=9)
    """
    known = [[end for end in ends if _is_finite(end)] for ends in intervals]
    reaches = [max(map(abs, ends)) for ends in known if ends]
    most = _TIMES_THE_USUAL * median(reaches) if reaches else 0.0
    values = [0.0, *(min(max(end, -most), most) for ends in known for end in ends)]
    low, high = min(values), max(values)
    return Scale(low, high, width) if low < high else Scale(-1.0, 1.0, width)


def interval_picture(
    low: float | None, point: float | None, high: float | None, scale: Scale
) -> str:
    """The interval, its point and zero, as a line of the scale's width.

    An arrow stands where the interval goes on beyond the scale, or has no end. Without a point and
    ends only zero is drawn.

    Args:
        low: Lower end; None, NaN or infinite where it has none.
        point: The estimate.
        high: Upper end, likewise.
        scale: What the line shows; the same for all lines that are compared.

    Examples:
        >>> scale = Scale(-0.1, 0.1, 21)
        >>> interval_picture(-0.02, 0.03, 0.08, scale)
        '        ├─┼──●────┤  '
        >>> interval_picture(0.03, 0.06, 0.3, scale)
        '          │  ├──●───►'
        >>> interval_picture(None, 0.05, None, scale)
        '◄─────────┼────●────►'
        >>> interval_picture(None, None, None, scale)
        '          │          '
    """
    line = [" "] * scale.width
    zero = scale.place(0.0) if scale.low <= 0 <= scale.high else None
    if zero is not None:
        line[zero] = _ZERO
    if not _is_finite(point):
        return "".join(line)
    begins_before = not _is_finite(low) or low < scale.low
    ends_behind = not _is_finite(high) or high > scale.high
    first = 0 if begins_before or low is None else scale.place(low)
    last = scale.width - 1 if ends_behind or high is None else scale.place(high)
    for place in range(first, last + 1):
        line[place] = _LINE_OVER_ZERO if place == zero else _LINE
    line[first] = _BEYOND_LOW if begins_before else _BEGIN
    line[last] = _BEYOND_HIGH if ends_behind else _END
    if scale.low <= point <= scale.high:
        line[scale.place(point)] = _POINT
    return "".join(line)


def _is_finite(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)
