"""Where the command line writes: results on standard output, everything else on standard error.

What belongs here: the two consoles, the exit codes, how counts read. What does not: what is
written.
"""

import re
from enum import IntEnum
from typing import Any

from rich.console import Console

from ab_assets.errors import AbAssetsError

# Control characters but the line feed, and those that turn the direction of the text after them.
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    r"""Text that may repeat something from outside, with nothing in it a terminal would obey.

    Examples:
        >>> harmless("a\x1b[31m\nb")
        'a\\x1b[31m\nb'
    """
    return _CONTROLS.sub(lambda found: repr(found[0])[1:-1], text)


class _Messages(Console):
    """A console for sentences, which may repeat the names of files, keys and values."""

    def print(self, *objects: Any, **options: Any) -> None:  # noqa: ANN401 (Rich's signature)
        """Prints; text without what a terminal would obey."""
        super().print(*(harmless(o) if isinstance(o, str) else o for o in objects), **options)


output = Console()
messages = _Messages(stderr=True)


class ExitCode(IntEnum):
    """What a scheduler can rely on."""

    DONE = 0
    FAILED = 1
    WRONG_USAGE = 2
    CHECK_FAILED = 3
    INTERRUPTED = 130


class CommandFailedError(AbAssetsError):
    """A command could not do what it was asked; the reason was printed already."""


class CheckFailedError(AbAssetsError):
    """Everything was made, and a health check failed."""


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    Examples:
        >>> counted(1, "partition"), counted(2, "partition")
        ('1 partition', '2 partitions')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
