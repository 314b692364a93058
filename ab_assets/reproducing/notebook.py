"""The steps as a Jupyter notebook.

What belongs here: its JSON (nbformat 4). What does not: the steps.
"""

import json
from collections.abc import Sequence

from ab_assets.reproducing.script import Cell


def notebook_of(cells: Sequence[Cell], head: Sequence[str]) -> str:
    """The text of an ``.ipynb`` file.

    Args:
        cells: The steps.
        head: What is said above them; shown as plain text.
    """
    told = "\n".join(f"    {line}".rstrip() for line in head)
    parts: list[dict[str, object]] = [_markdown(0, told)]
    for number, cell in enumerate(cells):
        parts += [_markdown(2 * number + 1, f"## {cell.title}"), _code(2 * number + 2, cell.text)]
    return json.dumps(
        {
            "cells": parts,
            "metadata": {
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"name": "python"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        ensure_ascii=False,
        indent=1,
    )


def _markdown(number: int, text: str) -> dict[str, object]:
    return {
        "cell_type": "markdown",
        "id": f"cell-{number}",
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }


def _code(number: int, text: str) -> dict[str, object]:
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": text.splitlines(keepends=True),
    }
