"""Where columns come from that one metric's rows cannot give.

What belongs here: a reason for each of them, in words. What does not: the columns that can be
reproduced (:mod:`ab_assets.reproducing.parts`).
"""

from ab_assets.modules.engine import Correction

_CORRECTIONS: dict[Correction, str] = {
    "holm": "Holm's step-down",
    "bonferroni": "Bonferroni",
    "benjamini_hochberg": "Benjamini and Hochberg",
    "benjamini_yekutieli": "Benjamini and Yekutieli",
}
_POSTERIOR = (
    "comes from a posterior: the exact beta-binomial one of shares, else the normal one with the "
    "module's prior; abs_diff and abs_ci are what it is made of"
)
_PLANNING = (
    "is planned from the variances, split and pace of all days for the smallest effect worth "
    "finding; `ab-assets plan` shows its inputs"
)
_SPLIT = (
    "tests how the units of all variations were split, which is no number of a metric; users and "
    "control_users can be reproduced"
)
_VERDICT = "is decided from the numbers of the row and from its health; docs/statistics.md has how"
_ORIGINS = {
    **dict.fromkeys(
        ("posterior_mean", "posterior_ci_low", "posterior_ci_high", "posterior_ci"), _POSTERIOR
    ),
    **dict.fromkeys(("chance_to_win", "expected_loss"), _POSTERIOR),
    **dict.fromkeys(("power", "mde", "users_needed", "days_needed"), _PLANNING),
    **dict.fromkeys(("srm_p_value", "srm_seq_p_value"), _SPLIT),
    **dict.fromkeys(("decision", "decision_reason", "trust", "beyond_margin"), _VERDICT),
}
BY_GROWTHBOOK = {
    **dict.fromkeys(
        ("rel_uplift", "rel_ci_low", "rel_ci_high"),
        "is GrowthBook's relative effect by the delta method (compat: growthbook), not ours by "
        "Fieller's; abs_diff and abs_ci are ours and can be reproduced",
    ),
    **dict.fromkeys(
        ("statistic", "df", "p_value"),
        "is of GrowthBook's t-test of the relative effect (compat: growthbook), not of the "
        "difference; abs_diff and abs_ci are ours and can be reproduced",
    ),
}


def origin_of(column: str, correction: Correction) -> str:
    """Why a column cannot be had from one metric's rows; empty for what is no such column.

    Args:
        column: Its name.
        correction: How the module adjusts p-values.

    Examples:
        >>> origin_of("p_value_adjusted", "none")
        'is p_value itself (correction: none); reproduce p_value'
        >>> origin_of("mean", "none")
        ''
    """
    if column in {"p_value_adjusted", "significant"}:
        return _adjusted(correction)
    if column.startswith("fcr_"):
        rule = _CORRECTIONS.get(correction, "no correction")
        return (
            "is the interval at the level that is left after selecting the significant ones "
            f"({rule}), and needs the p-values of all goals and variations; abs_ci and rel_ci are "
            "the ones before selection"
        )
    return _ORIGINS.get(column, "")


def _adjusted(correction: Correction) -> str:
    if correction == "none":
        return "is p_value itself (correction: none); reproduce p_value"
    return (
        f"is p_value adjusted over its family by {_CORRECTIONS[correction]} "
        f"(correction: {correction}), and needs the p-values of all its goals and variations; "
        "reproduce p_value of each (a guardrail's is not adjusted)"
    )
