"""A few numbers in order as one word of small bars.

What belongs here: that word. What does not: which numbers.
"""

from collections.abc import Sequence

_LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float]) -> str:
    """One small bar a value, from the smallest to the largest.

    Examples:
        >>> sparkline([0, 1, 7, 3.5])
        '▁▂█▅'
        >>> sparkline([2, 2])
        '▁▁'
    """
    low, high = min(values, default=0.0), max(values, default=0.0)
    steps = len(_LEVELS) - 1
    scale = steps / (high - low) if high > low else 0.0
    return "".join(_LEVELS[int((value - low) * scale + 0.5)] for value in values)
