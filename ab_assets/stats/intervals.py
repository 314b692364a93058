"""An interval and where it comes from.

What belongs here: the two frozen records every method returns its bounds in. What does not: any
method that makes an interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ab_assets.stats.arrays import Array

Scale = Literal["absolute", "relative", "total"]
Validity = Literal["fixed", "always-valid", "group-sequential"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a reader must know before comparing two intervals.

    Attributes:
        scale: absolute difference, relative uplift, or total over the treated units.
        method: what made the bounds, e.g. ``welch-t``, ``fieller``, ``newcombe-wilson``.
        adjustment: ``none``, ``cuped``, ``lin``, ``post-stratified``.
        correction: ``none``, or the correction for multiplicity behind the level.
        scope: what the correction ranged over, e.g. ``goals x variations``.
        validity: read once (``fixed``), at planned looks, or at any time.
    """

    scale: Scale
    method: str
    adjustment: str = "none"
    correction: str = "none"
    scope: str = ""
    validity: Validity = "fixed"


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds at a confidence level.

    NaN where the reason of the result says why, ±inf where unbounded.
    """

    low: Array
    high: Array
    level: Array
    provenance: Provenance

    def corrected(self, correction: str, scope: str) -> Interval:
        """The same bounds with the correction they were made under written down."""
        return replace(
            self, provenance=replace(self.provenance, correction=correction, scope=scope)
        )
