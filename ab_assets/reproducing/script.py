"""The lines of Python that turn the answer of the SQL into a report's numbers.

What belongs here: putting the pieces of ``snippets/`` together as cells and as one script. What
does not: the formulas, which stand in those files and use nothing of ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Cell:
    """One step: what it is for, and its lines."""

    title: str
    text: str


def snippet(name: str) -> str:
    """The text of one piece."""
    place = files("ab_assets.reproducing") / "snippets" / f"{name}.py.txt"
    return place.read_text(encoding="utf-8").rstrip()


def python_cells(
    sql: str, dialect: str, values: Sequence[tuple[str, object]], pieces: Sequence[str]
) -> list[Cell]:
    """The steps: ask the warehouse, compute, show.

    Args:
        sql: The statement, standing alone.
        dialect: ``duckdb`` or ``starrocks``.
        values: Constants by name.
        pieces: Names of files in ``snippets/``.
    """
    constants = "\n".join(f"{name} = {value!r}" for name, value in values)
    computed = "\n\n".join(snippet(name) for name in ("arms", *pieces))
    return [
        Cell("Ask the warehouse", f"SQL = {_quoted(sql)}\n\n{snippet(dialect)}"),
        Cell("Compute", f"{constants}\n\n{computed}"),
        Cell("Show", snippet("show")),
    ]


def script_of(cells: Sequence[Cell], head: Sequence[str]) -> str:
    """All cells as one file that runs."""
    comments = "\n".join(f"# {line}".rstrip() for line in head)
    return "\n\n".join([comments, *(cell.text for cell in cells)]) + "\n"


def _quoted(sql: str) -> str:
    """A literal that reads like the SQL itself where nothing in it needs an escape."""
    plain = sql.isprintable() or all(c.isprintable() or c == "\n" for c in sql)
    if plain and '"""' not in sql and "\\" not in sql and not sql.endswith('"'):
        return f'"""\n{sql}\n"""'
    lines = ",\n".join(f"    {line!r}" for line in sql.split("\n"))
    return f'"\\n".join([\n{lines},\n])'
