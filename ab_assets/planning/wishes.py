"""What somebody wants of a plan, joined with numbers given or with history.

What belongs here: which of the wishes stands for what, and defaults from a module. What does not:
reading text (:mod:`ab_assets.cli.plan_arguments`), the warehouse
(:mod:`ab_assets.planning.history`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn

from ab_assets.errors import ConfigurationError
from ab_assets.planning.history import History, PastMetric
from ab_assets.planning.request import Judgement, MetricKind, PlannedMetric, PlanRequest
from ab_assets.planning.solving import Plan, solve
from ab_assets.planning.traffic import Traffic

_ALPHA, _POWER = 0.05, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was said; ``None`` is what was not.

    Attributes:
        weights: Of the arms, the control first.
        effect: Relative to the size of the baseline.
        effect_absolute: The same in the metric's own measure.
        units_per_day: New users a day before ``coverage``.
        coverage: Share of those in the experiment.
    """

    weights: tuple[float, ...] = (0.5, 0.5)
    effect: float | None = None
    effect_absolute: float | None = None
    users: int | None = None
    days: int | None = None
    power: float | None = None
    alpha: float | None = None
    comparisons: int | None = None
    variance_reduction: float | None = None
    units_per_day: float | None = None
    coverage: float | None = None
    test: Judgement = field(default_factory=Judgement)

    def __post_init__(self) -> None:
        """Refuses what contradicts itself or cannot be."""
        if self.effect is not None and self.effect_absolute is not None:
            _refuse("--effect and --effect-absolute are two ways to say one thing; give one")
        if self.units_per_day is not None and not 0 < self.units_per_day < 1e12:  # noqa: PLR2004
            _refuse(f"--units-per-day has to be above 0, not {self.units_per_day:g}")
        if self.coverage is not None and not 0 < self.coverage <= 1:
            _refuse(f"--coverage is a share above 0 and up to 100 %, not {self.coverage:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenMetric:
    """A metric as numbers given by hand; ``None`` is what was not."""

    baseline: float
    kind: MetricKind | None = None
    stddev: float | None = None

    def planned(self, variance_reduction: float) -> PlannedMetric:
        """The metric; a proportion unless there is a standard deviation.

        Raises:
            ConfigurationError: The numbers make none.
        """
        kind = self.kind or ("proportion" if self.stddev is None else "mean")
        if kind == "proportion" and self.stddev is not None:
            _refuse("a proportion has no --stddev of its own: leave it out, or say --type mean")
        if kind != "proportion" and self.stddev is None:
            _refuse(f"a {kind} needs --stddev, the standard deviation of one user's value")
        return PlannedMetric(
            kind=kind,
            baseline=self.baseline,
            stddev=self.stddev or 0.0,
            variance_reduction=variance_reduction,
        )


def plan_from_numbers(wishes: Wishes, given: GivenMetric) -> Plan:
    """The plan for a metric given by hand.

    Raises:
        ConfigurationError: The wishes contradict each other or cannot be met.
    """
    if wishes.coverage is not None and wishes.units_per_day is None:
        _refuse("--coverage is a share of the users a day; give --units-per-day too")
    metric = given.planned(wishes.variance_reduction or 0.0)
    request = PlanRequest(
        metric=metric,
        weights=wishes.weights,
        alpha=_ALPHA if wishes.alpha is None else wishes.alpha,
        power=_POWER if wishes.power is None else wishes.power,
        comparisons=_given(wishes.comparisons, len(wishes.weights) - 1),
        test=wishes.test,
        effect=_effect(wishes, metric),
        users=wishes.users,
        days=wishes.days,
        traffic=_given_traffic(wishes),
    )
    return solve(_looking(request))


def plan_from_history(wishes: Wishes, history: History, past: PastMetric) -> Plan:
    """The plan for a metric of a tag; without a goal, for its smallest effect worth finding.

    Raises:
        ConfigurationError: The wishes contradict each other or cannot be met.
    """
    if past.planned is None:
        _refuse(f"{past.name} cannot be planned: {past.reason}")
    metric = past.planned
    if wishes.variance_reduction is not None:
        metric = replace(metric, variance_reduction=wishes.variance_reduction)
    effect = _effect(wishes, metric)
    if effect is None and wishes.users is None and wishes.days is None:
        effect = smallest_effect(past, metric)
    engine = history.module.engine
    request = PlanRequest(
        metric=metric,
        weights=wishes.weights,
        alpha=engine.alpha if wishes.alpha is None else wishes.alpha,
        power=engine.power if wishes.power is None else wishes.power,
        comparisons=_given(wishes.comparisons, past.comparisons(len(wishes.weights))),
        test=wishes.test,
        effect=effect,
        users=wishes.users,
        days=wishes.days,
        traffic=_given_traffic(wishes) or _past_traffic(wishes, history),
    )
    return solve(_looking(request))


@dataclass(frozen=True, slots=True)
class TagPlans:
    """A plan for each metric of a tag, and by its title why another has none."""

    pairs: tuple[tuple[PastMetric, Plan], ...]
    reasons: Mapping[str, str]

    @property
    def plans(self) -> list[Plan]:
        """Without what they are of."""
        return [plan for _, plan in self.pairs]


def plans_of_tag(wishes: Wishes, history: History) -> TagPlans:
    """The plans of every metric that can be planned.

    Raises:
        ConfigurationError: The wishes are of one metric.
    """
    if wishes.effect_absolute is not None:
        _refuse("--effect-absolute is of one metric: name it with --metric, or give --effect 2%")
    pairs, reasons = [], {}
    for past in history.metrics:
        if past.planned is None:
            reasons[past.title] = past.reason
            continue
        try:
            pairs.append((past, plan_from_history(wishes, history, past)))
        except ConfigurationError as error:
            reasons[past.title] = str(error)
    return TagPlans(tuple(pairs), reasons)


def smallest_effect(past: PastMetric, metric: PlannedMetric) -> float:
    """The smallest absolute change of a metric worth finding, in the direction looked for.

    Raises:
        ConfigurationError: The metric is 0 in the control: no change is a share of it.
    """
    size = past.minimum_effect * abs(metric.baseline)
    if size == 0:
        _refuse(f"{past.name} is 0 in the control; give --effect-absolute, or --days")
    effect = -size if metric.fall else size
    if metric.kind == "proportion" and metric.baseline + effect > 1:
        return -effect
    return effect


def _effect(wishes: Wishes, metric: PlannedMetric) -> float | None:
    if wishes.effect is None:
        return wishes.effect_absolute
    if metric.baseline == 0:
        _refuse("no change is a share of a baseline of 0; give --effect-absolute")
    return wishes.effect * abs(metric.baseline)


def _looking(request: PlanRequest) -> PlanRequest:
    """With the metric looked at in the direction of the effect that is asked for."""
    if request.effect is None:
        return request
    return replace(request, metric=replace(request.metric, fall=request.effect < 0))


def _given_traffic(wishes: Wishes) -> Traffic | None:
    if wishes.units_per_day is None:
        return None
    coverage = 1.0 if wishes.coverage is None else wishes.coverage
    return Traffic(wishes.units_per_day * coverage)


def _past_traffic(wishes: Wishes, history: History) -> Traffic | None:
    if wishes.users is not None and wishes.days is not None:
        return None  # both were given: how fast users came before does not matter
    if wishes.coverage is None:
        return history.traffic
    return history.traffic.scaled(wishes.coverage / history.coverage)


def _given(value: int | None, default: int) -> int:
    return default if value is None else value


def _refuse(message: str) -> NoReturn:
    raise ConfigurationError(message)
