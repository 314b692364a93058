"""Texts that have broken programs: one list for every door a text from outside comes in by.

What belongs here: the texts, by what they try, and the Hypothesis strategy and profile of this
folder. What does not: any door.

A fuzz run by hand: ``HOSTILE_EXAMPLES=2000 pytest tests/hostile``.
"""

import os
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

LONG = "x" * 100_000
Test = TypeVar("Test", bound=Callable[..., object])

SQL = (
    "'",
    "''",
    "' OR '1'='1",
    "'; DROP TABLE ab.experiment_data; --",
    '"; DROP TABLE x; --',
    "`; DROP TABLE x; -- `",
    "/* */",
    "*/ DROP TABLE x /*",
    "-- comment",
    "# comment",
    ";",
    "\\",
    "\\'",
    "'\\",
    "\\\\' OR 1=1",
    "\\N",
    "$$x$$",
    "x'41'",
    ":name",
    ":tag",
    "?",
    "@x",
    "@@version",
    "$1",
    "NULL",
    "select",
    "group",
)
FORMATS = (
    "%s",
    "%(x)s",
    "%",
    "%%",
    "%n%n%n",
    "{0}",
    "{}",
    "{x!r}",
    "{",
    "}",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{% endraw %}{{ cycler.__init__ }}",
    "{#",
    "${HOME}",
    "$HOME",
    "`id`",
    "$(id)",
)
CONTROLS = (
    "nul\0here",
    "\0",
    "bell\abackspace\b",
    "line\nbreak",
    "carriage\rreturn",
    "crlf\r\nend",
    "tab\there",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\x9b31m",
    "\x7f",
    "\x1f unit",
    "\x85next",
    "\u2028line\u2029paragraph",
    "\ufeffmark",
    "\u202eright-to-left",
    "\u2066isolate\u2069",
    "zero\u200bwidth",
    "\u200d",
    "\u00adsoft",
    "\ufffe",
    "\U000e0041tag",
)
UNICODE = (
    "é",
    unicodedata.normalize("NFD", "é"),
    "İstanbul",
    "ıstanbul",
    "ISTANBUL",
    "istanbul",
    "straße",
    "STRASSE",
    "a\u0301\u0301\u0301\u0301",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "实验",
    "מבחן",
    "ﷺ",
    "ａｂｃ",
    "٣",
    "\ue000",
)
MARKUP = (
    "[bold]x[/bold]",
    "[/]",
    "[/bold]",
    "[link=https://evil.example]x[/link]",
    "[red",
    "\\[bold]",
    "trailing\\",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</title></style></script><svg onload=alert(1)>",
    "&lt;b&gt;",
    "&amp;",
    "<!--",
    "-->",
    "]]>",
    "<!channel>",
    "<@U012AB3CD>",
    "@all",
    '<at user_id="all">all</at>',
    "| a | b |",
    "|",
    "---",
    "# heading",
    "* item",
    "> quote",
    "**bold** _it_ ~~no~~ `code`",
    "```",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "https://evil.example",
    "www.evil.example",
    "someone@evil.example",
    "$x^2$",
)
SPREADSHEET = (
    '=HYPERLINK("https://evil.example","x")',
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    'a,"b',
    '"',
    '""',
    '"""',
    "a;b",
    ",",
)
PATHS = (
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "C:\\Windows",
    "file:///etc/passwd",
    "http://169.254.169.254/",
    "a/b",
    "CON",
    "~",
    "*",
)
VALUES = (
    "null",
    "None",
    "NaN",
    "nan",
    "Infinity",
    "-inf",
    "true",
    "false",
    "undefined",
    "0",
    "-0",
    "007",
    "1e400",
    "1.0",
    "9" * 400,
    "9007199254740993",
    "0x1F",
    "1_000",
    "2026-01-01",
    "__proto__",
    "constructor",
    "__class__",
)
BLANKS = (" lead", "trail ", " both ", "in  side", "\u00a0nbsp\u00a0", "\u3000wide")
# Different keys to us, whatever a store that folds or trims makes of them.
TWINS = (
    ("gate", "Gate"),
    ("gate", "GATE"),
    ("gate", "gate "),
    ("gate", " gate"),
    ("é", unicodedata.normalize("NFD", "é")),
    ("i", "İ"),
    ("i", "ı"),
    ("ß", "ss"),
    ("a", "а"),
    ("a", "ａ"),
    ("gate", "gate\u200b"),
    ("1", "01"),
    ("1", "1.0"),
)
TEXTS = tuple(
    dict.fromkeys(
        SQL + FORMATS + CONTROLS + UNICODE + MARKUP + SPREADSHEET + PATHS + VALUES + BLANKS
    )
)
SURROGATES = ("\ud800", "a\udfffb", "\udc00\ud800", "\udcff")

# What may show in a terminal, a page or a message of one line: none of these.
UNPRINTED = frozenset(
    "".join(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0)])) + "\u202a\u202b\u202c\u202d\u202e"
    "\u2066\u2067\u2068\u2069\u2028\u2029"
)

USUAL_EXAMPLES = 15
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", USUAL_EXAMPLES))


def fuzz(test: Test) -> Test:
    """The settings of this folder: the same few examples each time, many by hand."""
    return settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )(test)


def texts(*, surrogates: bool = False) -> st.SearchStrategy[str]:
    """Any text, and those above more often than chance would have them."""
    excluded = () if surrogates else ("Cs",)
    free = st.text(st.characters(exclude_categories=excluded), max_size=30)
    known = st.sampled_from(TEXTS + SURROGATES if surrogates else TEXTS)
    return st.one_of(known, free, st.builds("".join, st.lists(known, min_size=2, max_size=3)))
