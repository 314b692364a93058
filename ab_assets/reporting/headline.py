"""What is said once of an experiment, above its numbers.

What belongs here: reading name, phase, distrust and decisions from an experiment's report rows.
What does not: how the terminal and the UI lay them out.
"""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl

from ab_assets.experiments import moment
from ab_assets.reporting.decision import NOT_TRUSTED


@dataclass(frozen=True, slots=True)
class VariationDecision:
    """What to do with one variation, and why."""

    variation: str
    decision: str
    reason: str


@dataclass(frozen=True, slots=True)
class Headline:
    """One experiment.

    Attributes:
        crossovers: Units left out because they saw several variations.
        distrust: Why none of it is to be trusted; empty where it is.
        decisions: One a variation, the control left out.
    """

    name: str
    key: str
    tag: str
    event_date: date
    phase: str
    crossovers: int
    distrust: str
    decisions: tuple[VariationDecision, ...]


def headline_of(rows: pl.DataFrame, zone: ZoneInfo) -> Headline:
    """Reads the rows of one experiment; times are told in the business time zone."""
    everyone = rows.filter(pl.col("dimension") == "")
    first = everyone.row(0, named=True)
    decided = everyone.filter(~pl.col("is_control")).unique("variation_key", maintain_order=True)
    decisions = tuple(
        VariationDecision(row["variation_name"], row["decision"], row["decision_reason"])
        for row in decided.iter_rows(named=True)
    )
    untrusted = [item.reason for item in decisions if item.reason.startswith(NOT_TRUSTED)]
    return Headline(
        name=first["experiment_name"],
        key=first["experiment_key"],
        tag=first["tag"],
        event_date=first["event_date"],
        phase=_phase(first["phase_index"], first["phase_name"], moment(first["phase_start"], zone)),
        crossovers=first["crossover_users"] or 0,
        distrust=untrusted[0].removeprefix(NOT_TRUSTED) if untrusted else "",
        decisions=decisions,
    )


def _phase(index: int, name: str, start: str) -> str:
    return f"phase {index} “{name}” since {start}"
