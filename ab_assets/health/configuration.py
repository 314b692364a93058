"""Configurations that changed inside a phase: its weights, its coverage, its seed.

What belongs here: what GrowthBook said of the phase over time, held against what it says now. What
does not: what changes between phases that are randomised anew, and designs that are wrong from the
start (``design``).

A changed split without a new seed leaves the units of before where they were, so the arms hold
units of different days, and no weights are the ones to hold the sample ratio against.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.experiments import Phase, moment
from ab_assets.health.finding import Check, Finding, Status

Weights = Mapping[str, float]
_DIGITS = 6
_ENDLESS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What decides who sees what, as one pull of GrowthBook said first.

    Attributes:
        weights: The share of each variation key; they add up to 1.
        first_seen_at: The pull; ``None`` for what is in force now.
    """

    seed: str
    hash_attribute: str
    coverage: float
    weights: Weights = field(hash=False)
    is_draft: bool = False
    first_seen_at: datetime | None = None

    def since(self, zone: ZoneInfo) -> str:
        """When it was seen first, in words."""
        return f" (first seen {moment(self.first_seen_at, zone)})" if self.first_seen_at else ""


def configurations_of(
    rows: Iterable[Mapping[str, Any]], item: ExperimentDay
) -> tuple[Configuration, ...]:
    """What was in force in the phase up to the day's end and is in force now, oldest first.

    From the rows of ``health/configurations.sql``. A draft's configuration counts only where
    nothing followed it: an experiment that starts is given a new one. Of what was replaced before
    the phase began nothing counts.
    """
    own = [row for row in rows if row["phase_index"] == item.phase.index]
    history = sorted((_read(row) for row in own), key=_seen)
    replaced = [*map(_seen, history[1:]), _ENDLESS]
    lived = [
        one
        for one, replaced_at in zip(history, replaced, strict=False)
        if replaced_at > item.phase.started_at and not (one.is_draft and replaced_at < _ENDLESS)
    ]
    in_time = [one for place, one in enumerate(lived) if not place or _seen(one) <= item.window_end]
    current = Configuration(
        item.phase.seed,
        item.experiment.hash_attribute,
        item.phase.coverage,
        _shares(item.weights),
    )
    if in_time and not _differences(in_time[-1], current):
        return tuple(in_time)
    later = [one for one in lived if one not in in_time and not _differences(one, current)]
    return (*in_time, later[-1] if later else current)


def check_configuration(
    item: ExperimentDay, configurations: Iterable[Configuration], zone: ZoneInfo
) -> Finding:
    """Says which part of the configuration changed inside the phase's window, if any did."""
    known = list(configurations)
    changes = [
        (kind, told, later)
        for earlier, later in pairwise(known)
        for kind, told in _differences(earlier, later).items()
    ]
    untrusted = [change for change in changes if change[0] != "coverage"]
    told = "; ".join(f"{told}{later.since(zone)}" for _, told, later in changes)
    detail = {
        "weights": dict(_shares(item.weights)),
        "configurations": [
            {
                "first_seen_at": one.first_seen_at.isoformat() if one.first_seen_at else None,
                "seed": one.seed,
                "hash_attribute": one.hash_attribute,
                "coverage": one.coverage,
                "weights": dict(one.weights),
            }
            for one in known
        ],
    }
    status, distrust = Status.PASS, ""
    if changes:
        status, message = Status.WARN, f"inside the phase {told}"
        if untrusted:
            status = Status.FAIL
            distrust = f"{untrusted[0][0]} changed inside the phase"
            if untrusted[0][0] == "weights":
                distrust = "phase re-weighted without a new seed"
    elif carried := _carried_over(item):
        status, message = Status.WARN, carried
    else:
        message = "the phase's configuration did not change"
    return Finding(
        item.experiment.id,
        Check.CONFIGURATION,
        status,
        message,
        value=float(len(changes)),
        threshold=0.0,
        detail=detail,
        distrust=distrust,
    )


def _differences(earlier: Configuration, later: Configuration) -> dict[str, str]:
    """What changed, by kind, in words."""
    found = {}
    if earlier.weights != later.weights:
        found["weights"] = (
            f"the weights changed from {_told(earlier.weights)} to {_told(later.weights)}"
        )
    if earlier.seed != later.seed:
        found["seed"] = "the seed changed: units were drawn again"
    if earlier.hash_attribute != later.hash_attribute:
        found["hash attribute"] = (
            f"the hash attribute changed from {earlier.hash_attribute} to {later.hash_attribute}"
        )
    if earlier.coverage != later.coverage:
        found["coverage"] = (
            f"the coverage changed from {earlier.coverage:.0%} to {later.coverage:.0%}"
        )
    return found


def _carried_over(item: ExperimentDay) -> str:
    """Why units of the phase before may have moved between arms; empty where they did not."""
    before = _phase_before(item)
    if before is None or before.seed != item.phase.seed or before.problem:
        return ""
    keys = [variation.key for variation in item.experiment.variations]
    weights = _shares(dict(zip(keys, before.weights, strict=True)))
    if weights == _shares(item.weights):
        return ""
    return (
        "the phase took over the seed of the one before with other weights "
        f"({_told(weights)} before): units that moved saw both variations"
    )


def _phase_before(item: ExperimentDay) -> Phase | None:
    def order(phase: Phase) -> tuple[datetime, int]:
        return phase.started_at, phase.index

    earlier = [phase for phase in item.experiment.phases if order(phase) < order(item.phase)]
    return max(earlier, key=order, default=None)


def _read(row: Mapping[str, Any]) -> Configuration:
    keys = [variation["key"] for variation in json.loads(row["variations"])]
    return Configuration(
        row["seed"],
        row["hash_attribute"],
        row["coverage"],
        _shares(dict(zip(keys, json.loads(row["weights"]), strict=True))),
        row["status"] == "draft",
        row["first_seen_at"].replace(tzinfo=UTC),
    )


def _seen(one: Configuration) -> datetime:
    return one.first_seen_at or _ENDLESS


def _shares(weights: Weights) -> dict[str, float]:
    total = sum(weights.values()) or 1.0
    return {key: round(weight / total, _DIGITS) for key, weight in weights.items()}


def _told(weights: Weights) -> str:
    return " / ".join(f"{weight:.3g}" for weight in weights.values())
