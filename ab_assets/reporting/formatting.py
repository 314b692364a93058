"""Numbers and tables as people read them.

What belongs here: formatting shared by the UI, the terminal and the demo, and making text from
outside harmless. What does not: which numbers.
"""

import math
import re
from collections.abc import Iterable, Sequence

_NOTHING = "–"
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = re.compile(r"([\\`*\[\]|~#$])")
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# What Markdown viewers turn into links by themselves: https://…, www.…, name@host.
_LINK = re.compile(r"(https?|ftp|www|mailto|xmpp)(?=[:.])|(@)", re.IGNORECASE)
_WORD_JOINER = "\u2060"
# Control characters, and those that turn the direction of the text after them.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain_text(text: str) -> str:
    r"""Text from outside as one harmless line: no control character reaches a terminal.

    Examples:
        >>> plain_text("Gate\n\x1b[31m 40")
        'Gate [31m 40'
    """
    return " ".join(_CONTROLS.sub(" ", text).split())


def markdown_text(text: str) -> str:
    r"""Text from outside in Markdown: shown as it is, never markup, HTML or a link.

    A link that viewers make of bare text is prevented by an invisible word joiner, since they undo
    an escape before they look for links.

    Examples:
        >>> markdown_text("<b>x|y</b> _z_ retention_d1")
        '&lt;b&gt;x\\|y&lt;/b&gt; \\_z\\_ retention_d1'
    """
    escaped = _MARKUP.sub(r"\\\1", plain_text(text).translate(_ENTITIES))
    underscored = _EDGE_UNDERSCORE.sub(r"\\_", escaped)
    return _LINK.sub(lambda found: found[0] + _WORD_JOINER, underscored)


def markdown_code(text: str) -> str:
    """Text from outside as code: a key that can be copied.

    Examples:
        >>> markdown_code("a`b")
        "`a'b`"
    """
    return f"`{plain_text(text).replace('`', chr(39))}`"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""A Markdown table; text from outside cannot break out of its cell.

    Examples:
        >>> print(markdown_table(["a"], [["x|y"]]))
        | a |
        |---|
        | x\|y |
    """
    lines = [[markdown_text(text) for text in row] for row in rows]
    if not lines:
        return "nothing"
    ruler = "|" + "---|" * len(header)
    return "\n".join([_line(header), ruler, *(_line(row) for row in lines)])


def share(value: float | None, digits: int = 1) -> str:
    """A signed percentage.

    Examples:
        >>> share(0.1234), share(-0.0001), share(None)
        ('+12.3 %', '0.0 %', '–')
    """
    if value is None or not math.isfinite(value):
        return _NOTHING
    text = f"{value * 100:+,.{digits}f} %"
    return text[1:] if not text.strip("+-0. %") else text


def chance(value: float | None) -> str:
    """A probability in whole per cent; only certainty is 0 % or 100 %.

    Examples:
        >>> chance(0.4321), chance(0.9999), chance(1.0)
        ('43 %', '>99 %', '100 %')
    """
    if value is None or not math.isfinite(value):
        return _NOTHING
    if value < 1 and round(value * 100) == 100:  # noqa: PLR2004 (per cent)
        return ">99 %"
    if value > 0 and round(value * 100) == 0:
        return "<1 %"
    return f"{value * 100:.0f} %"


def interval(low: float | None, high: float | None) -> str:
    """An interval of signed percentages, or nothing where it is unbounded.

    Examples:
        >>> interval(-0.0123, 0.04), interval(None, None)
        ('-1.2 … +4.0 %', '–')
    """
    ends = share(low), share(high)
    if _NOTHING in ends:
        return _NOTHING
    return f"{ends[0].removesuffix(' %')} … {ends[1]}"


def number(value: float | None) -> str:
    """A number with four significant digits and thousands separated.

    Examples:
        >>> number(1234567.0), number(0.0123456), number(0.0)
        ('1,234,567', '0.01235', '0')
    """
    if value is None or not math.isfinite(value):
        return _NOTHING
    if value == 0:
        return "0"
    if abs(value) >= 999.95:  # noqa: PLR2004 (above it, decimals say nothing)
        return f"{value:,.0f}"
    return f"{value:.4g}"


def level(value: float | None, metric_type: str) -> str:
    """A metric's mean: a share of units as a percentage, anything else as a number.

    Examples:
        >>> level(0.44819, "retention"), level(52.456, "mean")
        ('44.82 %', '52.46')
    """
    if metric_type in {"proportion", "retention"}:
        return share(value, 2).removeprefix("+")
    return number(value)


def p_value(value: float | None) -> str:
    """A p-value.

    Examples:
        >>> p_value(0.0421), p_value(1e-9), p_value(0.0)
        ('0.042', '1.0e-09', '<1e-300')
    """
    if value is None or math.isnan(value):
        return _NOTHING
    if value < 1e-300:  # noqa: PLR2004 (where doubles end)
        return "<1e-300"
    return f"{value:.1e}" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
