"""What is planned, as asked.

What belongs here: the metric, the split, the test and the goal of a plan, refused in a sentence
where they contradict each other or cannot be. What does not: solving
(:mod:`ab_assets.planning.solving`), reading arguments.
"""

from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from ab_assets.errors import ConfigurationError
from ab_assets.planning.traffic import Traffic
from ab_assets.stats.planned_size import PlannedArms
from ab_assets.stats.spending import Spending

MetricKind = Literal["proportion", "mean", "ratio"]
JudgementKind = Literal["fixed", "always-valid", "group-sequential"]
DEFAULT_LOOKS = 5
#: An always-valid test of unknown length is planned as if read daily for four weeks.
DEFAULT_DAILY_LOOKS = 28
MOST_LOOKS = 100
# Squares of such numbers are still numbers.
_LARGEST = 1e100


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMetric:
    """A metric as the control has it.

    Attributes:
        name: Its name; empty where only numbers are given.
        title: As people call it.
        unit: Of its values, as reports say it.
        kind: A share of users, a mean over users, or a ratio of two sums.
        baseline: The control's value.
        stddev: Of one user (for a ratio, of its linearised value); not read for a proportion.
        variance_reduction: Share of variance that CUPED removes.
        closing_days: Days after exposure until a user counts: the window, or the retention day.
        fall: Whether the change to look for is a fall.
    """

    kind: MetricKind
    baseline: float
    stddev: float = 0.0
    name: str = ""
    title: str = ""
    unit: str = ""
    variance_reduction: float = 0.0
    closing_days: int = 0
    fall: bool = False

    def __post_init__(self) -> None:
        """Refuses what no metric can be."""
        shown = f"{self.label}: " if self.label else ""
        if not abs(self.baseline) < _LARGEST:
            _refuse(f"{shown}a baseline of {self.baseline:g} is no measure of anybody")
        if not 0 <= self.variance_reduction < 1:
            _refuse(
                f"{shown}a variance reduction is a share from 0 to below 1, "
                f"not {self.variance_reduction:g}"
            )
        if self.kind == "proportion":
            if not 0 < self.baseline < 1:
                _refuse(
                    f"{shown}the baseline of a proportion lies between 0 and 1, not at "
                    f"{self.baseline:g}; write 10 % as 0.10 or 10%"
                )
        elif self.stddev == 0:
            _refuse(
                f"{shown}a standard deviation of 0 means that every user has the same value: there "
                "is nothing to test"
            )
        elif not 1 / _LARGEST < self.stddev < _LARGEST:
            _refuse(
                f"{shown}the standard deviation has to be a number above 0, not {self.stddev:g}"
            )

    @property
    def label(self) -> str:
        """Its title, else its name."""
        return self.title or self.name

    @property
    def shown_unit(self) -> str:
        """Its unit; of a share of users per cent."""
        return self.unit or ("percent" if self.kind == "proportion" else "")

    @property
    def spread(self) -> float:
        """Standard deviation of one user of the control."""
        if self.kind == "proportion":
            return float((self.baseline * (1.0 - self.baseline)) ** 0.5)
        return self.stddev


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the experiment will be judged.

    Attributes:
        kind: Once at the end, whenever one likes, or at a few planned looks.
        looks: How many; ``None`` for every day, or for five planned ones.
        spending: How planned looks share the error rate.
    """

    kind: JudgementKind = "fixed"
    looks: int | None = None
    spending: Spending = "obrien-fleming"

    def __post_init__(self) -> None:
        """Refuses looks that the kind does not have."""
        if self.looks is None:
            return
        if self.kind == "fixed":
            _refuse("a fixed design has one look, at the end; --looks goes with another --design")
        if not 1 <= self.looks <= MOST_LOOKS:
            _refuse(f"looks go from 1 to {MOST_LOOKS}, not {self.looks}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """Everything a plan depends on.

    Attributes:
        weights: Of the arms, the control first; shares that sum to 1.
        alpha: Error rate of all comparisons together, two-sided.
        power: To be had.
        comparisons: That share the error rate (Bonferroni).
        effect: To be found, absolute and with its sign; ``None`` to ask for it.
        users: Counted in all arms together; ``None`` to ask for them.
        days: From the first user to the decision; ``None`` likewise.
        traffic: ``None`` where it is not known; then days are not answered.
    """

    metric: PlannedMetric
    weights: tuple[float, ...] = (0.5, 0.5)
    alpha: float = 0.05
    power: float = 0.8
    comparisons: int = 1
    test: Judgement = field(default_factory=Judgement)
    effect: float | None = None
    users: int | None = None
    days: int | None = None
    traffic: Traffic | None = None

    def __post_init__(self) -> None:
        """Refuses what cannot be or contradicts itself."""
        _check_split(self.weights)
        for name, value in (("alpha", self.alpha), ("power", self.power)):
            if not 0 < value < 1:
                _refuse(f"{name} lies between 0 and 1, not at {value:g}")
        if self.power <= self.alpha:
            _refuse(f"a power of {self.power:g} is had without any user: it is not above alpha")
        if self.comparisons < 1:
            _refuse(f"there is at least one comparison, not {self.comparisons}")
        if self.effect is not None:
            _check_effect(self.metric, self.effect)
        if self.users is not None and self.users < 2 * len(self.weights):
            _refuse(f"{self.users} users are fewer than two in each of {len(self.weights)} arms")
        if self.days is not None:
            self._check_days(self.days)
        if self.effect is None and self.users is None and self.days is None:
            _refuse(
                "say what has to be found (--effect 2%) to learn how many users that takes, or how "
                "many there will be (--users, or --days with --units-per-day) to learn what they "
                "can show"
            )

    @property
    def alpha_each(self) -> float:
        """Error rate of one comparison."""
        return self.alpha / self.comparisons

    @property
    def arms(self) -> PlannedArms:
        """The control against the smallest variation, which decides the size."""
        control, treated = self.weights[0], min(self.weights[1:])
        return PlannedArms(
            baseline=self.metric.baseline,
            variance=self.metric.stddev**2,
            is_rate=self.metric.kind == "proportion",
            treatment_share=treated / (control + treated),
            variance_reduction=self.metric.variance_reduction,
        )

    @property
    def pair_share(self) -> float:
        """Share of all users in that pair of arms."""
        return self.weights[0] + min(self.weights[1:])

    def counted_by(self, days: int) -> float | None:
        """Users of all arms that count by the end of a day."""
        if self.traffic is None:
            return None
        return self.traffic.users_by(days - self.metric.closing_days)

    def _check_days(self, days: int) -> None:
        if days < 1:
            _refuse(f"an experiment lasts at least one day, not {days}")
        if self.traffic is None and self.users is None:
            _refuse("--days say how many users there will be only with --units-per-day")
        if self.traffic is not None and self.users is not None:
            _refuse("--users, --days and the users a day contradict each other; leave one out")
        if days <= self.metric.closing_days:
            _refuse(
                f"{self.metric.label or 'the metric'} counts a user "
                f"{self.metric.closing_days} days after exposure: in {days} days nobody counts"
            )
        counted = self.counted_by(days)
        if counted is not None and counted < 2 * len(self.weights):
            _refuse(f"in {days} days there are fewer than two users an arm")


def _check_split(weights: tuple[float, ...]) -> None:
    if len(weights) < 2:  # noqa: PLR2004 (a control and a variation)
        _refuse("a split has a control and at least one variation, like 50/50")
    if not all(isfinite(weight) and weight > 0 for weight in weights):
        _refuse("every arm of a split gets a share above 0")
    if abs(sum(weights) - 1.0) > 1e-9:  # noqa: PLR2004 (rounding)
        _refuse(f"the shares of a split sum to 100 %, not to {sum(weights) * 100:g} %")


def _check_effect(metric: PlannedMetric, effect: float) -> None:
    if effect == 0:
        _refuse("an effect of nothing cannot be found; --effect wants a change like 2% or -2%")
    if not abs(effect) < _LARGEST:
        _refuse(f"an effect of {effect:g} is no change of any measure")
    after = metric.baseline + effect
    if metric.kind == "proportion" and not 0 <= after <= 1:
        _refuse(
            f"an effect of {effect * 100:+.4g} points takes the rate from "
            f"{metric.baseline * 100:.4g} % to {after * 100:.4g} %, beyond what a share can be"
        )


def _refuse(message: str) -> None:
    raise ConfigurationError(message)
