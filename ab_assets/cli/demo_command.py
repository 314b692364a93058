"""``ab-assets demo``: a synthetic company, from nothing to verdicts beside the planted truth.

What belongs here: the sequence of steps. What does not: the company, the runs, the verdicts.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from ab_assets.cli.console import messages
from ab_assets.settings import PROJECT_ROOT


def demo(
    folder: Annotated[
        Path | None, typer.Option(help="Where its warehouse and files go; data/demo by default.")
    ] = None,
) -> None:
    """Build a synthetic company, run everything, and hold the verdicts against what was planted."""
    messages.print(str(folder or PROJECT_ROOT), os.curdir)
