"""Variables: the numbers of one unit whose sums and products a comparison needs.

What belongs here: which variables, eligibilities and products a set of metrics needs, each once
however many metrics share it. What does not: the SQL that sums them, the statistics made of the
sums.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ab_assets.modules.measures import (
    Scope,
    ScopeKind,
    covariate_scope,
    measure_name,
    scope_of,
)
from ab_assets.modules.model import Cap, Metric, MetricType


class EligibilityKind(StrEnum):
    """Which compared units a metric counts."""

    EVERYONE = "everyone"
    WINDOW_CLOSED = "window_closed"
    DAY_CLOSED = "day_closed"


@dataclass(frozen=True, slots=True)
class Eligibility:
    """A unit counts once its window, or its day, has ended by the end of event_date."""

    kind: EligibilityKind = EligibilityKind.EVERYONE
    hours: int = 0
    day: int = 0


class Transform(StrEnum):
    """What is done to a measure before it is summed."""

    VALUE = "value"
    AT_LEAST = "at_least"
    POSITIVE = "positive"


@dataclass(frozen=True, slots=True)
class Variable:
    """One number per unit.

    Attributes:
        cap_measure: The measure whose percentile caps this one (a covariate is capped at the cap of
            the measure it stands for).
    """

    measure: str
    eligibility: Eligibility
    transform: Transform = Transform.VALUE
    threshold: float = 0.0
    cap: Cap | None = None
    cap_measure: str = ""


@dataclass(frozen=True, slots=True)
class MetricVariables:
    """Where a metric's numbers stand in a :class:`VariablePlan`.

    Attributes:
        eligibility: Position of its eligibility.
        outcomes: Positions of its one variable, or of numerator and denominator.
        covariates: Positions of the same before first exposure; empty without CUPED.
    """

    eligibility: int
    outcomes: tuple[int, ...]
    covariates: tuple[int, ...]

    @property
    def positions(self) -> tuple[int, ...]:
        """Outcomes, then covariates."""
        return self.outcomes + self.covariates


@dataclass(frozen=True, slots=True)
class VariablePlan:
    """Everything one statistics query computes.

    Attributes:
        products: Pairs of positions (i ≤ j) whose products are summed.
    """

    eligibilities: tuple[Eligibility, ...]
    variables: tuple[Variable, ...]
    products: tuple[tuple[int, int], ...]
    of_metric: dict[Metric, MetricVariables] = field(hash=False)


def plan_variables(metrics: Iterable[Metric]) -> VariablePlan:
    """Lists what a set of metrics needs, each thing once.

    Examples:
        >>> mean = Metric(type="mean", column="sessions")
        >>> ratio = Metric(type="ratio", numerator="rounds", denominator="sessions")
        >>> plan = plan_variables([mean, ratio])
        >>> [variable.measure for variable in plan.variables], plan.products
        (['sessions', 'rounds'], ((0, 0), (0, 1), (1, 1)))
    """
    eligibilities: dict[Eligibility, int] = {}
    variables: dict[Variable, int] = {}
    products: set[tuple[int, int]] = set()
    of_metric: dict[Metric, MetricVariables] = {}
    for metric in metrics:
        if metric in of_metric:
            continue
        eligibility = eligibility_of(metric)
        outcomes, covariates = (
            tuple(variables.setdefault(variable, len(variables)) for variable in wanted)
            for wanted in _variables_of(metric, eligibility)
        )
        placed = MetricVariables(
            eligibilities.setdefault(eligibility, len(eligibilities)), outcomes, covariates
        )
        of_metric[metric] = placed
        products |= {(i, j) for i in placed.positions for j in placed.positions if i <= j}
    return VariablePlan(tuple(eligibilities), tuple(variables), tuple(sorted(products)), of_metric)


def eligibility_of(metric: Metric) -> Eligibility:
    """Which units a metric counts (analysis rule 6)."""
    scope = scope_of(metric)
    if metric.in_progress == "include":
        return Eligibility()
    if scope.kind is ScopeKind.WINDOW:
        hours = scope.delay_hours + scope.hours
        return Eligibility(EligibilityKind.WINDOW_CLOSED, hours=hours)
    if scope.kind is ScopeKind.DAY:
        return Eligibility(EligibilityKind.DAY_CLOSED, day=scope.day)
    return Eligibility()


def _variables_of(
    metric: Metric, eligibility: Eligibility
) -> tuple[tuple[Variable, ...], tuple[Variable, ...]]:
    scope = scope_of(metric)
    covariate = covariate_scope(metric)
    outcomes = tuple(_variable(metric, name, scope, scope, eligibility) for name in metric.columns)
    if covariate is None:
        return outcomes, ()
    return outcomes, tuple(
        _variable(metric, name, covariate, scope, eligibility) for name in metric.columns
    )


def _variable(
    metric: Metric, column: str, scope: Scope, cap_scope: Scope, eligibility: Eligibility
) -> Variable:
    measure = measure_name(column, scope)
    if metric.type is MetricType.PROPORTION:
        threshold = 1.0 if metric.threshold is None else metric.threshold
        return Variable(measure, eligibility, Transform.AT_LEAST, threshold)
    if metric.type is MetricType.RETENTION:
        if metric.threshold is None:
            return Variable(measure, eligibility, Transform.POSITIVE)
        return Variable(measure, eligibility, Transform.AT_LEAST, metric.threshold)
    cap_measure = measure_name(column, cap_scope) if metric.cap else ""
    return Variable(measure, eligibility, cap=metric.cap, cap_measure=cap_measure)
