"""Where the command line writes: results on standard output, everything else on standard error.

What belongs here: the two consoles and the exit codes. What does not: what is written.
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
