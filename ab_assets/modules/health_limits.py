"""Where a module draws the line between healthy and not.

What belongs here: the thresholds under ``health:`` of a module file, one form a check, each with a
default. What does not: the checks (:mod:`ab_assets.health`).
"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Alpha = Annotated[float, Field(gt=0, lt=0.5)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(strict=True, ge=0)]


class _Limits(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _check_order(limits: _Limits, low: str, high: str) -> None:
    if getattr(limits, low) > getattr(limits, high):
        message = f"{low} may not be above {high}"
        raise ValueError(message)


class SampleRatioLimits(_Limits):
    """Units against weights.

    Attributes:
        alpha: A p-value below it is a mismatch; of the chi-square of a look, of the sequential
            test.
        minimum_expected: Units every arm must expect before the chi-square is asked.
    """

    alpha: Alpha = 0.001
    minimum_expected: float = Field(default=8.0, gt=0)


class DimensionSampleRatioLimits(SampleRatioLimits):
    """Units against weights within each value of each dimension, corrected over all of them.

    Attributes:
        largest_values: The values of a dimension that are tested by themselves; the rest is one.
    """

    largest_values: int = Field(default=20, strict=True, ge=1, le=1000)


class CrossoverLimits(_Limits):
    """Units that saw several variations.

    Attributes:
        warn: Share that is worth a look.
        fail: Share that is not trusted.
        fewest: Fewer crossovers are a handful of test accounts, whatever their share.
        alpha: A p-value below it means that one arm has more of them.
    """

    warn: Share = 0.001
    fail: Share = 0.01
    fewest: Count = 10
    alpha: Alpha = 0.001

    @model_validator(mode="after")
    def _warns_first(self) -> Self:
        _check_order(self, "warn", "fail")
        return self


class UnknownVariationLimits(_Limits):
    """Units that saw only keys that are no variation: as many are worth a look."""

    fewest: int = Field(default=1, strict=True, ge=1)


class EventJoinLimits(_Limits):
    """Exposed units without any event.

    Attributes:
        silent: Share of an arm's units without an event at which ids do not match.
        minimum_units: Units an experiment, or an arm, must have before that is said.
        alpha: A p-value below it is a difference between an arm and the others.
        warn: Difference of the shares that is worth a look once it is established.
        fail: Difference of the shares that is not trusted.
    """

    silent: Share = 0.95
    minimum_units: Count = 1000
    alpha: Alpha = 0.001
    warn: Share = 0.05
    fail: Share = 0.20

    @model_validator(mode="after")
    def _warns_first(self) -> Self:
        _check_order(self, "warn", "fail")
        return self


class PreExposureLimits(_Limits):
    """Covariates compared between the arms.

    Attributes:
        alpha: Divided by the number of tests of the experiment.
        minimum_units: Units with some of a covariate that both arms must expect before it is
            compared.
    """

    alpha: Alpha = 0.001
    minimum_units: Count = 50


class CovariateCoverageLimits(_Limits):
    """Units with any event in the days their covariates look at.

    Attributes:
        share: Fewer than this are not trusted; 0 switches it off, for experiments on new users.
        minimum_units: Units an experiment must have before that is said.
    """

    share: Share = 0.05
    minimum_units: Count = 100


class MetricMissingLimits(_Limits):
    """A metric that is there in some arms only.

    Attributes:
        alpha: Divided by the number of metrics' columns × arms: how improbable the absence is.
        ignore: Metrics that only one arm can have, such as the clicks of a button that is new.
    """

    alpha: Alpha = 0.001
    ignore: tuple[str, ...] = ()


class MetricJumpLimits(_Limits):
    """The day's change of an arm's mean against the same of the days before.

    Attributes:
        alpha: Divided by the number of metrics' columns × arms.
        days: How far back is looked.
        fewest_days: Fewer earlier days are too little history.
        minimum_units: Units with some of a measure that the arm and the others must have: of fewer,
            a single purchase moves the mean.
        ignore: Metrics that are meant to jump.
    """

    alpha: Alpha = 0.001
    days: int = Field(default=28, strict=True, ge=5, le=366)
    fewest_days: int = Field(default=7, strict=True, ge=5, le=366)
    minimum_units: Count = 100
    ignore: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _can_have_that_many(self) -> Self:
        _check_order(self, "fewest_days", "days")
        return self


class EnrolmentLimits(_Limits):
    """Units newly exposed on the day against the days before.

    Attributes:
        low: Less than this share of the usual number is worth a look.
        days: The days before that say what is usual: their median.
        fewest: Where fewer a day are usual, nothing is said.
    """

    low: Share = 0.1
    days: int = Field(default=7, strict=True, ge=1, le=90)
    fewest: Count = 50


class FullDayLimits(_Limits):
    """Hours a phase must have lasted."""

    hours: float = Field(default=24.0, ge=0, le=24 * 366)


class HealthLimits(_Limits):
    """The thresholds of every check, under the check's name."""

    sample_ratio: SampleRatioLimits = SampleRatioLimits()
    sample_ratio_by_dimension: DimensionSampleRatioLimits = DimensionSampleRatioLimits()
    crossovers: CrossoverLimits = CrossoverLimits()
    unknown_variations: UnknownVariationLimits = UnknownVariationLimits()
    event_join: EventJoinLimits = EventJoinLimits()
    pre_exposure_bias: PreExposureLimits = PreExposureLimits()
    covariate_coverage: CovariateCoverageLimits = CovariateCoverageLimits()
    metric_missing: MetricMissingLimits = MetricMissingLimits()
    metric_jump: MetricJumpLimits = MetricJumpLimits()
    enrolment: EnrolmentLimits = EnrolmentLimits()
    full_day: FullDayLimits = FullDayLimits()


DEFAULT_LIMITS = HealthLimits()
