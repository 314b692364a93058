"""The form of a module file.

What belongs here: what ``module.yaml`` may say, checked key by key. What does not: reading files
(:mod:`ab_assets.modules.loader`) and what the wide table needs for it
(:mod:`ab_assets.modules.measures`).
"""

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from ab_assets.modules.durations import Duration
from ab_assets.modules.engine import Engine
from ab_assets.modules.expressions import Merge, inferred_merge, read_column
from ab_assets.modules.health_limits import HealthLimits
from ab_assets.warehouse.expressions import shown

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Dimension = Literal["country", "platform", "app_version", "channel"]
LONGEST_DAYS = 366
PERCENT = "percent"
# Dagster's own rule for addresses: it refuses the definitions over any other.
_OWNER = re.compile(
    r"team:[A-Za-z0-9 _.&/-]+|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}", re.ASCII
)


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class MetricType(StrEnum):
    """What a metric is for one unit and how it is compared."""

    MEAN = "mean"
    PROPORTION = "proportion"
    RATIO = "ratio"
    RETENTION = "retention"


class Role(StrEnum):
    """What a metric is for in an experiment."""

    GOAL = "goal"
    SECONDARY = "secondary"
    GUARDRAIL = "guardrail"


class Direction(StrEnum):
    """Where better lies."""

    UP = "up"
    DOWN = "down"


class Column(_Form):
    """A measure of one unit on one day.

    Attributes:
        sql: An aggregate over the unit's events of the day, in the StarRocks dialect.
        merge: How daily values become one; inferred where the outermost aggregate says so.
    """

    sql: str
    merge: Merge
    description: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        if isinstance(value, str):
            value = {"sql": value}
        if not isinstance(value, dict) or not isinstance(value.get("sql"), str):
            return value
        expression = read_column(value["sql"])
        if value.get("merge") is not None:
            return value
        merge = inferred_merge(expression)
        if merge is None:
            message = (
                f"{shown(value['sql'])} does not say how daily values merge; "
                "write {sql: …, merge: sum} (or max, min)"
            )
            raise ValueError(message)
        return {**value, "merge": merge}


class Cap(_Form):
    """Values above it count as it: a fixed number, or a percentile of the compared units."""

    absolute: float | None = Field(default=None, gt=0)
    percentile: float | None = Field(default=None, gt=0, lt=1)
    ignore_zeros: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.absolute is None) == (self.percentile is None):
            message = "expected exactly one of absolute or percentile, like {percentile: 0.99}"
            raise ValueError(message)
        if self.ignore_zeros and self.percentile is None:
            message = "ignore_zeros is about a percentile; an absolute cap has none"
            raise ValueError(message)
        return self


class Cuped(_Form):
    """Adjust by the same measure in the days before first exposure."""

    days: int = Field(default=14, strict=True, ge=1, le=LONGEST_DAYS)


class Metric(_Form):
    """What is compared between variations.

    Attributes:
        growthbook: The metric's id in GrowthBook; the experiment's settings then say its role.
        window: Conversion window from first exposure (after the delay).
        lookback: Only the last hours before the end count.
        in_progress: ``exclude`` compares only units whose window has closed.
        threshold: A proportion counts units whose column is at least this; retention without it
            counts units whose column is above 0.
        minimum_sample: Fewer units than this in an arm decide nothing.
        minimum_effect: The smallest relative effect worth finding; the module's by default.
        non_inferiority: The largest relative harm a guardrail accepts.
        unit: What a value is in: ``percent`` of 1, ``currency`` (the module's), or a word like
            ``minutes``. Shares of units are always percentages.
    """

    type: MetricType
    title: str = ""
    description: str = ""
    column: Name | None = None
    numerator: Name | None = None
    denominator: Name | None = None
    day: int | None = Field(default=None, strict=True, ge=0, le=365)
    role: Role = Role.SECONDARY
    direction: Direction = Direction.UP
    growthbook: str | None = Field(default=None, min_length=1, max_length=200)
    window: Duration | None = None
    delay: Duration | None = None
    lookback: Duration | None = None
    cap: Cap | None = None
    cuped: Cuped | None = None
    threshold: float | None = None
    in_progress: Literal["include", "exclude"] | None = None
    minimum_sample: int = Field(default=150, strict=True, ge=0)
    minimum_effect: float | None = Field(default=None, gt=0, lt=10)
    non_inferiority: float | None = Field(default=None, gt=0, lt=10)
    unit: str = Field(default="", max_length=40)

    @field_validator("type", mode="before")
    @classmethod
    def _announced_types(cls, value: object) -> object:
        if value in {"quantile", "funnel"}:
            message = (
                f"type {value} is not there yet; expected mean, proportion, ratio or retention"
            )
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _what_the_type_needs(self) -> Self:
        is_ratio = self.type is MetricType.RATIO
        is_retention = self.type is MetricType.RETENTION
        rules = (
            (
                is_ratio,
                self.numerator and self.denominator,
                "a ratio needs numerator and denominator",
            ),
            (is_ratio, self.column is None, "a ratio has numerator and denominator, no column"),
            (not is_ratio, self.column, f"a {self.type} needs a column"),
            (
                not is_ratio,
                self.numerator is None and self.denominator is None,
                f"a {self.type} has no numerator or denominator",
            ),
            (is_retention, self.day is not None, "retention needs day: the day after exposure"),
            (not is_retention, self.day is None, f"a {self.type} has no day"),
            (
                is_retention,
                not (self.window or self.delay or self.lookback),
                "retention has its day; window, delay and lookback do not apply",
            ),
            (bool(self.lookback), self.window is None, "either a window or a lookback, not both"),
            (
                self.type in {MetricType.PROPORTION, MetricType.RETENTION},
                self.cap is None,
                f"a {self.type} counts units: a cap does not apply",
            ),
            (
                self.type in {MetricType.MEAN, MetricType.RATIO},
                self.threshold is None,
                f"a {self.type} has no threshold",
            ),
        )
        for applies, holds, message in rules:
            if applies and not holds:
                raise ValueError(message)
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The module columns it is made of: one, or numerator and denominator."""
        return tuple(
            name for name in (self.column, self.numerator, self.denominator) if name is not None
        )


class Module(_Form):
    """One business area: its tags, what it measures and who owns it.

    Attributes:
        control: The variation key to compare with; the first variation where it is not given or
            an experiment has no such key.
        compat: ``growthbook`` switches to GrowthBook's conventions.
        currency: What metrics with ``unit: currency`` are in, as an ISO 4217 code.
        health: Where it draws the line between healthy and not.
    """

    module: Name
    title: str = ""
    description: str = ""
    owners: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = Field(min_length=1)
    dimensions: tuple[Dimension, ...] = ()
    control: str | None = None
    compat: Literal["growthbook"] | None = None
    currency: Currency | None = None
    engine: Engine = Engine()
    health: HealthLimits = HealthLimits()
    columns: dict[Name, Column] = Field(min_length=1)
    metrics: dict[Name, Metric] = Field(min_length=1)

    @field_validator("owners")
    @classmethod
    def _owners_as_dagster_wants_them(cls, owners: tuple[str, ...]) -> tuple[str, ...]:
        for owner in owners:
            if not _OWNER.fullmatch(owner):
                message = f"{owner!r}: expected an e-mail address or 'team:name'"
                raise ValueError(message)
        return owners

    @field_validator("tags", "dimensions")
    @classmethod
    def _no_repetition(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        repeated = sorted({value for value in values if values.count(value) > 1})
        if repeated:
            message = f"{repeated[0]!r} stands twice"
            raise ValueError(message)
        return values

    def unit_of(self, metric: Metric) -> str:
        """What a metric's values are in: ``percent``, a currency code, another word, or empty."""
        if metric.type in {MetricType.PROPORTION, MetricType.RETENTION}:
            return PERCENT
        if metric.unit == "currency":
            return self.currency or ""
        return metric.unit

    @model_validator(mode="after")
    def _health_ignores_known_metrics(self) -> Self:
        limits = self.health
        for check, names in (
            ("metric_missing", limits.metric_missing.ignore),
            ("metric_jump", limits.metric_jump.ignore),
        ):
            unknown = next((name for name in names if name not in self.metrics), None)
            if unknown is not None:
                message = f"health.{check}.ignore: the module has no metric {unknown!r}"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _metrics_use_known_columns(self) -> Self:
        for name, metric in self.metrics.items():
            for column in metric.columns:
                if column not in self.columns:
                    known = ", ".join(self.columns)
                    message = f"metrics.{name}: no column {column!r}; the module has {known}"
                    raise ValueError(message)
        claimed: dict[str, str] = {}
        for name, metric in self.metrics.items():
            if metric.growthbook is None:
                continue
            if metric.growthbook in claimed:
                other = claimed[metric.growthbook]
                message = f"metrics.{name}: {metric.growthbook} is already the id of {other}"
                raise ValueError(message)
            claimed[metric.growthbook] = name
        return self
