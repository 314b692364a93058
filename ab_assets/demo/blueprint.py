"""What an experiment of the demo is made of, before any user meets it.

What belongs here: the frozen types that describe an experiment, its phases, the behaviour its
arms change and the faults planted in it. What does not: the list of experiments
(``experiments.py``) and anything that makes rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Measure = Literal[
    "activity",
    "impressions",
    "impression_value",
    "click",
    "conversion",
    "attempt",
    "success",
    "chat_open",
]
Trigger = Literal["session", "paywall", "store"]
Effects = Mapping[Measure, float]

NO_EFFECT: Effects = {}


@dataclass(frozen=True)
class Arm:
    """One variation: the key exposure rows carry and the name people read."""

    key: str
    name: str


@dataclass(frozen=True)
class PhasePlan:
    """One phase; days are counted from the company's first day, which is 0.

    Attributes:
        name: What GrowthBook shows.
        start_day: The day at whose midnight the phase starts.
        end_day: The day at whose midnight it ends; None while it is open.
        seed: The hashing seed; another seed than the phase before re-randomises.
        weights: One weight for each arm.
        effects: For each arm, the factors by which it changes a measure.
        coverage: The share of users let in.
    """

    name: str
    start_day: int
    end_day: int | None
    seed: str
    weights: tuple[float, ...]
    effects: tuple[Effects, ...]
    coverage: float = 1.0

    def covers(self, day: int) -> bool:
        """Whether the phase runs on a day.

        >>> PhasePlan("Main", 0, 7, "s", (0.5, 0.5), ({}, {})).covers(7)
        False
        """
        return self.start_day <= day and (self.end_day is None or day < self.end_day)


@dataclass(frozen=True)
class Faults:
    """What is wrong with an experiment's exposure rows.

    Attributes:
        lost_treatment_rate: Share of the treatment's Android units whose exposures never
            arrive.
        crossover_rate: Share of units that see a second arm.
        unknown_only: Units seen only with a key that is no variation.
        unknown_beside: Units seen with such a key beside their own.
        testers_only: The experiment is not live: only this many testers have exposures.
    """

    lost_treatment_rate: float = 0.0
    crossover_rate: float = 0.0005
    unknown_only: int = 0
    unknown_beside: int = 0
    testers_only: int = 0


@dataclass(frozen=True)
class ExperimentPlan:
    """One experiment of the company.

    Attributes:
        key: The tracking key, as exposure rows name the experiment.
        name: What people call it.
        hypothesis: Why it was run.
        tags: GrowthBook tags.
        arms: The variations, control first.
        phases: Oldest first.
        trigger: What a user must do to be exposed.
        goals: GrowthBook ids of its goal metrics.
        secondary: GrowthBook ids of its secondary metrics.
        guardrails: GrowthBook ids of its guardrail metrics.
        status: draft, running or stopped.
        archived: Whether GrowthBook has archived it.
        hash_version: GrowthBook's hashing version, 1 or 2.
        faults: What is wrong with its exposure rows.
        overrides: Metric overrides by GrowthBook id.
    """

    key: str
    name: str
    hypothesis: str
    tags: tuple[str, ...]
    arms: tuple[Arm, ...]
    phases: tuple[PhasePlan, ...]
    trigger: Trigger = "session"
    goals: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    guardrails: tuple[str, ...] = ()
    status: Literal["draft", "running", "stopped"] = "running"
    archived: bool = False
    hash_version: Literal[1, 2] = 2
    faults: Faults = field(default_factory=Faults)
    overrides: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
