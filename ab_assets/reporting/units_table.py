"""Units by arm as people read them in the UI.

What belongs here: the Markdown table of one experiment's arms. What does not: counting
(:mod:`ab_assets.health.units_by_arm`).
"""

from collections.abc import Sequence

from ab_assets.health.units_by_arm import ArmUnits
from ab_assets.reporting.formatting import markdown_code, markdown_table, share

_HEADER = ("variation", "key", "units", "share", "planned", "crossovers")


def units_markdown(arms: Sequence[ArmUnits]) -> str:
    """The experiment's key, a line an arm, and the sum of all.

    Args:
        arms: Of one experiment; at least one.
    """
    lines = [
        [
            arm.variation_name,
            arm.variation_key,
            f"{arm.units:,}",
            _share(arm.share),
            _share(arm.weight),
            f"{arm.crossovers:,}",
        ]
        for arm in arms
    ]
    units, crossovers = sum(arm.units for arm in arms), sum(arm.crossovers for arm in arms)
    table = markdown_table(_HEADER, [*lines, ["all", "", f"{units:,}", "", "", f"{crossovers:,}"]])
    return f"{markdown_code(arms[0].experiment_key)}\n\n{table}"


def _share(value: float | None) -> str:
    return share(value, 2).removeprefix("+")
