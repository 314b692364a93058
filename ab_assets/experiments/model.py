"""Experiment, Variation and Phase: what GrowthBook decided, as values.

What belongs here: the frozen shapes and the questions one of them can answer alone. What does not:
rules about a date (``days``, ``in_force``), and how a payload becomes one of these
(``ab_assets.growthbook``). Nothing is checked here: whoever builds an experiment from outside data
checks it at that border.
"""

from dataclasses import dataclass
from datetime import datetime

from ab_assets.experiments.metric_setting import MetricSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """One arm.

    Attributes:
        id: GrowthBook's own id (``var_…``); it never appears in an exposure row.
        key: What an exposure row's ``variation_key`` holds.
        name: What people call it.
    """

    id: str
    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """The share of users that experiments excluding each other hand to this one.

    Attributes:
        id: The namespace's id.
        ranges: Half-open ranges within [0, 1) of the namespace's hash.
    """

    id: str
    ranges: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of time with one randomisation, one split and one audience.

    Attributes:
        index: The position in GrowthBook's list; its results name a phase by this number.
        name: What people call it.
        started_at: First instant, inclusive (UTC).
        ended_at: Last instant, inclusive (UTC); ``None`` while the phase is open.
        weights: The split, aligned with the experiment's variations; an arm the split does not name
            has 0.
        seed: What users are hashed with; GrowthBook's default, the tracking key, when it gives
            none.
        coverage: The share of eligible users that is in the experiment at all.
        reseeded: The seed differs from that of the phase before it in time: users were randomised
            again.
        namespace: The namespace in force, ``None`` when there is none or it is switched off.
        targeting_condition: GrowthBook's JSON text; ``""`` when everyone is eligible.
        problem: Why this phase cannot be analysed; ``""`` when it can. Only a phase that a newer
            one has replaced may carry one: a problem in the newest phase refuses the experiment.
    """

    index: int
    name: str
    started_at: datetime
    ended_at: datetime | None = None
    weights: tuple[float, ...]
    seed: str = ""
    coverage: float = 1.0
    reseeded: bool = False
    namespace: Namespace | None = None
    targeting_condition: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookback:
    """How far back ``lookbackOverride`` looks: hours before the end, or since a date."""

    hours: float | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What GrowthBook says about one experiment, in so far as it matters for its analysis.

    Attributes:
        id: GrowthBook's own id (``exp_…``).
        key: The tracking key: what an exposure row's ``experiment_key`` holds.
        name: What people call it.
        status: ``draft``, ``running`` or ``stopped``.
        variations: In GrowthBook's order; the first is the control.
        phases: In GrowthBook's order, which need not be the order in time.
        tags: The business areas, stripped, without repeats.
        type: ``standard`` or ``multi-armed-bandit``.
        archived: Put away in GrowthBook: never in force.
        hash_attribute: What is randomised (``user_id``).
        hash_version: Version of GrowthBook's hash; it shows 2 when none is stored.
        created_at: When it was created (UTC), where that is known.
        metrics: Every metric it is judged by, goals first, then secondary ones, then guardrails.
        stats_engine: ``bayesian`` or ``frequentist``: what GrowthBook itself shows.
        attribution_model: ``firstExposure``, ``experimentDuration`` or ``lookbackOverride``.
        lookback: What ``lookbackOverride`` means here.
        activation_metric: Id of the metric that activates a unit; ``None`` without.
        in_progress_conversions: ``include`` or ``exclude`` units whose window is still open.
        regression_adjustment_enabled: CUPED is on for the experiment.
        sequential_testing_enabled: GrowthBook shows always-valid intervals.
        sequential_testing_tuning_parameter: The sample size those are tightest at.
        segment_id: GrowthBook's segment; only its own analysis applies it. ``""`` without.
        query_filter: GrowthBook's extra SQL filter; only its own analysis applies it. ``""``
            without.
    """

    id: str
    key: str
    name: str
    status: str
    variations: tuple[Variation, ...]
    phases: tuple[Phase, ...]
    tags: tuple[str, ...] = ()
    type: str = "standard"
    archived: bool = False
    hash_attribute: str = "user_id"
    hash_version: int = 2
    created_at: datetime | None = None
    metrics: tuple[MetricSetting, ...] = ()
    stats_engine: str = "bayesian"
    attribution_model: str = "firstExposure"
    lookback: Lookback | None = None
    activation_metric: str | None = None
    in_progress_conversions: str = "include"
    regression_adjustment_enabled: bool = False
    sequential_testing_enabled: bool = False
    sequential_testing_tuning_parameter: float = 5000.0
    segment_id: str = ""
    query_filter: str = ""

    @property
    def control(self) -> Variation:
        """The arm the others are compared with: the first."""
        return self.variations[0]

    @property
    def is_draft(self) -> bool:
        """Not started. A draft may already have a dated phase, which means nothing yet."""
        return self.status == "draft"

    @property
    def can_be_in_force(self) -> bool:
        """Neither draft nor archived; a stopped experiment can still be in force."""
        return not (self.is_draft or self.archived)
