"""Whether two frames say the same, but for the last bits of sums.

What belongs here: that comparison. What does not: which frames are held against each other.
"""

import json

import polars as pl
from polars.testing import assert_frame_equal

# A sum of fractions in another order differs in its last bits; of two equal ones, these are left.
_LAST_BITS = 1e-9
_NEXT_TO_NOTHING = 1e-12


def assert_same_rows(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """Everything is equal; sums of fractions may differ in their last bits, also within JSON."""
    frames = [_fractions_apart(frame) for frame in (one, other)]
    assert_frame_equal(*frames, rel_tol=_LAST_BITS, abs_tol=_NEXT_TO_NOTHING)


def _fractions_apart(rows: pl.DataFrame) -> pl.DataFrame:
    """JSON texts without their fractions, and beside them the fractions."""
    for name, kind in rows.schema.items():
        if kind != pl.String or not rows[name].str.contains(r"^[{\[]").any():
            continue
        split = [_split(text) for text in rows[name]]
        rows = rows.with_columns(
            pl.Series(name, [text for text, _ in split], dtype=pl.String),
            pl.Series(f"{name}'s fractions", [found for _, found in split], dtype=pl.List(float)),
        )
    return rows


def _split(text: str | None) -> tuple[str | None, list[float]]:
    fractions: list[float] = []
    if text is None or not text.startswith(("{", "[")):
        return text, fractions

    def keep(number: str) -> str:
        fractions.append(float(number))
        return "a fraction"

    try:
        rest = json.loads(text, parse_float=keep)
    except json.JSONDecodeError:  # it only looked like JSON
        return text, fractions
    return json.dumps(rest), fractions
