"""Whether two frames say the same, but for the last bits of sums.

What belongs here: that comparison. What does not: which frames are held against each other.
"""

import json

import polars as pl
from polars.testing import assert_frame_equal

# A sum of fractions in another order differs in its last bits.
_LAST_BITS = 1e-9


def assert_same_rows(
    one: pl.DataFrame, other: pl.DataFrame, *, next_to_nothing: float = 0.0
) -> None:
    """Everything is equal; sums of fractions may differ in their last bits, also within JSON.

    Args:
        one: Some rows.
        other: The same rows, it is to be hoped.
        next_to_nothing: What may be left where two equal sums were taken from each other.
    """
    frames = [_fractions_apart(frame) for frame in (one, other)]
    assert_frame_equal(*frames, rel_tol=_LAST_BITS, abs_tol=next_to_nothing)


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
