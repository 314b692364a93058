"""Numbers and tables as people read them.

What belongs here: formatting shared by the UI, the terminal and the demo. What does not: which numbers.
"""

import math
from collections.abc import Iterable, Sequence

_NOTHING = "–"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; text from outside cannot break out of its cell.

    Examples:
        >>> print(markdown_table(["a"], [["x|y"]]))
        | a |
        |---|
        | x\\|y |
    """
    lines = [[_cell(text) for text in row] for row in rows]
    if not lines:
        return "nothing"
    ruler = "|" + "---|" * len(header)
    return "\n".join([_line(header), ruler, *(_line(row) for row in lines)])


def share(value: float | None, digits: int = 1) -> str:
    """A signed percentage.

    Examples:
        >>> share(0.1234), share(None)
        ('+12.3 %', '–')
    """
    if value is None or math.isnan(value):
        return _NOTHING
    return f"{value * 100:+.{digits}f} %"


def number(value: float | None) -> str:
    """A number with four significant digits and thousands separated.

    Examples:
        >>> number(1234567.0), number(0.0123456), number(0.0)
        ('1,234,567', '0.01235', '0')
    """
    if value is None or math.isnan(value):
        return _NOTHING
    if value == 0:
        return "0"
    if abs(value) >= 1000:  # noqa: PLR2004 (above it, decimals say nothing)
        return f"{value:,.0f}"
    return f"{value:.4g}"


def p_value(value: float | None) -> str:
    """A p-value.

    Examples:
        >>> p_value(0.0421), p_value(1e-9)
        ('0.042', '1.0e-09')
    """
    if value is None or math.isnan(value):
        return _NOTHING
    return f"{value:.1e}" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
