"""The command line: ``ab-assets``, one command a module.

What belongs here: arguments, exit codes, what is printed. What does not: work; each command calls
one function that does it.
"""

from ab_assets.cli.application import main

__all__ = ["main"]
