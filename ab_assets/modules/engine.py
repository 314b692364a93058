"""How a module's comparisons are judged.

What belongs here: the engine options of a module file. What does not: the methods they choose among
(:mod:`ab_assets.stats`).
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Correction = Literal["holm", "bonferroni", "benjamini_hochberg", "benjamini_yekutieli", "none"]


class Prior(BaseModel):
    """A normal prior on the effect; flat without a deviation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mean: float = 0.0
    deviation: float | None = Field(default=None, gt=0)
    scale: Literal["relative", "absolute"] = "relative"


class Engine(BaseModel):
    """The choices behind a report, each with the default that suits most businesses.

    Attributes:
        alpha: 1 − confidence of intervals, and the error rate of a family of goals.
        correction: How p-values are adjusted over an experiment's goals × variations.
        power: Asked of the sample size.
        minimum_effect: The smallest relative effect worth finding; a metric may have its own.
        planned_units: Units of both arms at which always-valid intervals are tightest; without it
        the
            experiment's sequential tuning parameter in GrowthBook.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    correction: Correction = "holm"
    power: float = Field(default=0.8, gt=0, lt=1)
    minimum_effect: float = Field(default=0.05, gt=0, lt=10)
    planned_units: int | None = Field(default=None, ge=1)
    prior: Prior = Prior()
