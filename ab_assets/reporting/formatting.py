"""Numbers and tables as people read them.

What belongs here: formatting shared by the UI, the terminal and the demo, and making text from
outside harmless. What does not: which numbers.
"""

import math
import re
from collections.abc import Iterable, Sequence

_NOTHING = "–"
_ABBREVIATED = {"milliseconds": "ms", "seconds": "s", "minutes": "min", "hours": "h"}
_CURRENCY = re.compile("[A-Z]{3}")
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


def quantity(value: float | None, unit: str) -> str:
    """A value in its unit, as the column ``unit`` of a report names it.

    Examples:
        >>> quantity(0.44819, "percent"), quantity(52.456, ""), quantity(1250.0, "milliseconds")
        ('44.82 %', '52.46', '1,250 ms')
        >>> quantity(12.3, "USD"), quantity(0.0123, "EUR"), quantity(8.25, "minutes")
        ('$12.30', '€0.0123', '8.25 min')
    """
    if value is None or not math.isfinite(value):
        return _NOTHING
    if unit == "percent":
        return share(value, 2).removeprefix("+")
    symbol = _currency_symbol(unit)
    if symbol is not None:
        return f"{'-' if value < 0 else ''}{symbol}{_money(abs(value))}"
    return f"{number(value)} {plain_text(_ABBREVIATED.get(unit, unit))}".rstrip()


def signed_quantity(value: float | None, unit: str) -> str:
    """A difference in its unit, with its sign; of percentages in percentage points.

    Examples:
        >>> signed_quantity(0.0052, "percent"), signed_quantity(-1.2, "USD")
        ('+0.52 pp', '-$1.20')
        >>> signed_quantity(0.0, "minutes"), signed_quantity(None, "")
        ('0 min', '–')
    """
    if unit == "percent":
        return share(value, 2).replace("%", "pp")
    text = quantity(value, unit)
    return f"+{text}" if value is not None and value > 0 and math.isfinite(value) else text


def quantity_interval(low: float | None, high: float | None, unit: str) -> str:
    """An interval of a difference in its unit, or nothing where it is unbounded.

    Examples:
        >>> quantity_interval(-0.0123, 0.04, "percent"), quantity_interval(None, 1.0, "")
        ('-1.23 … +4.00 pp', '–')
    """
    ends = signed_quantity(low, unit), signed_quantity(high, unit)
    if _NOTHING in ends:
        return _NOTHING
    return f"{ends[0].removesuffix(' pp')} … {ends[1]}"


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


def _currency_symbol(unit: str) -> str | None:
    """The symbol of a currency in English text; ``None`` for what is no currency."""
    if not _CURRENCY.fullmatch(unit):
        return None
    # Only reports that have a currency pay the 50 ms of the import.
    from babel.numbers import get_currency_symbol, is_currency  # noqa: PLC0415

    if not is_currency(unit):
        return None
    symbol = get_currency_symbol(unit, "en_US")
    return f"{symbol} " if symbol == unit else symbol


def _money(amount: float) -> str:
    """Two decimals; four significant digits where these would show next to nothing."""
    return number(amount) if 0 < amount < 1 else f"{amount:,.2f}"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
