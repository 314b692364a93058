"""Where the command line writes: results on standard output, everything else on standard error.

What belongs here: the two consoles, the exit codes, how counts read. What does not: what is
written.
"""

from enum import IntEnum

from rich.console import Console

from ab_assets.errors import AbAssetsError

output = Console()
messages = Console(stderr=True)


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
