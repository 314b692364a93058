"""Which lines of Python give which column of a report.

What belongs here: the columns that can be reproduced, and the pieces each of them needs. What does
not: the pieces themselves (``snippets/``).
"""

from collections.abc import Iterable

from ab_assets.errors import ConfigurationError
from ab_assets.modules.engine import Correction
from ab_assets.reproducing.origins import origin_of

ALWAYS = ("users", "control_users", "mean", "control_mean", "stddev", "control_stddev")
DIFFERENCE = ("abs_diff", "rel_uplift", "incremental_total")
ADJUSTMENT = ("cuped_theta", "variance_reduction")
TEST = ("statistic", "df", "p_value", "abs_ci_low", "abs_ci_high")
RELATIVE = ("rel_ci_low", "rel_ci_high")
TOTAL = ("incremental_ci_low", "incremental_ci_high")
SEQUENTIAL = ("seq_ci_low", "seq_ci_high", "seq_p_value")
CAP = ("cap_value",)
REPRODUCIBLE = (
    *ALWAYS,
    *CAP,
    *DIFFERENCE,
    *ADJUSTMENT,
    *TEST,
    *RELATIVE,
    *TOTAL,
    *SEQUENTIAL,
)
OF_ONE_ARM = ("users", "mean", "stddev", "cap_value")
DEFAULT = (
    "users",
    "control_users",
    "mean",
    "control_mean",
    "abs_diff",
    "abs_ci_low",
    "abs_ci_high",
    "rel_uplift",
    "rel_ci_low",
    "rel_ci_high",
    "p_value",
)
_PAIRS = ("abs_ci", "rel_ci", "seq_ci", "incremental_ci")


def columns_of(names: Iterable[str], correction: Correction) -> tuple[str, ...]:
    """The columns that are asked for; an interval may be named without its ends.

    Args:
        names: What was given.
        correction: How the module adjusts p-values; named where a column is refused.

    Examples:
        >>> columns_of(["abs_ci", "p_value"], "holm")
        ('abs_ci_low', 'abs_ci_high', 'p_value')

    Raises:
        ConfigurationError: There are no lines for a column; the message says where it comes from.
    """
    found: list[str] = []
    for name in names:
        ends = (f"{name}_low", f"{name}_high") if name in _PAIRS else (name,)
        if not set(ends) <= set(REPRODUCIBLE):
            origin = origin_of(name, correction)
            why = f"it {origin}" if origin else f"what can: {', '.join(REPRODUCIBLE)}"
            message = f"--column {name!r} cannot be reproduced from one metric's rows; {why}"
            raise ConfigurationError(message)
        found += ends
    return tuple(dict.fromkeys(found))


def pieces_for(columns: Iterable[str], *, is_ratio: bool, adjusted: bool, exact: bool) -> list[str]:
    """The names of the pieces, in the order they run in.

    Args:
        columns: What is to be computed.
        is_ratio: Whether the metric is one sum over another.
        adjusted: Whether CUPED was used.
        exact: Whether counts were small.

    Examples:
        >>> pieces_for(["mean"], is_ratio=False, adjusted=False, exact=False)
        ['mean', 'units']
    """
    asked = set(columns)
    pieces = [f"{'ratio' if is_ratio else 'mean'}{'_cuped' if adjusted else ''}", "units"]
    if asked & set(CAP):
        pieces.append("cap")
    if asked - set(ALWAYS) - set(CAP):
        pieces += ["cuped" if adjusted else "plain", "difference"]
    tested = asked & {*TEST, *RELATIVE, *TOTAL}
    if tested and exact:
        pieces.append("exact")
    elif tested:
        pieces.append("welch")
        if asked & set(RELATIVE):
            pieces.append("fieller")
    if asked & set(TOTAL):
        pieces.append("incremental")
    if asked & set(SEQUENTIAL):
        pieces.append("sequential")
    return pieces
