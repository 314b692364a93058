"""Units by variation: as the wide table has them, and as the source has them.

What belongs here: the counts that checks of assignment share. What does not: checks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assignment:
    """How one experiment's exposed units fell.

    Attributes:
        compared: Units per variation key that are in comparisons: they saw it and no other.
        crossovers: Units that saw two or more keys, by the key they saw first.
        unknown: Units that saw only a key that is no variation, by that key.
        exposures: Exposure rows they stand for.
        repeated: Rows of units that already have one: a unit too many here can hide that another
            one is missing.
    """

    compared: Mapping[str, int] = field(default_factory=dict, hash=False)
    crossovers: Mapping[str, int] = field(default_factory=dict, hash=False)
    unknown: Mapping[str, int] = field(default_factory=dict, hash=False)
    exposures: int = 0
    repeated: int = 0

    @property
    def units(self) -> int:
        """Every exposed unit, compared or not."""
        return sum(sum(part.values()) for part in (self.compared, self.crossovers, self.unknown))

    @property
    def by_key(self) -> dict[str, int]:
        """Units that saw one key only, whether it is a variation or not."""
        keys = sorted({*self.compared, *self.unknown})
        return {key: self.compared.get(key, 0) + self.unknown.get(key, 0) for key in keys}

    def same_units(self, other: "Assignment") -> bool:
        """Whether two counts agree, wherever crossovers were first."""
        return (
            {key: count for key, count in self.by_key.items() if count}
            == {key: count for key, count in other.by_key.items() if count}
            and sum(self.crossovers.values()) == sum(other.crossovers.values())
            and (self.exposures, self.repeated) == (other.exposures, other.repeated)
        )

    @property
    def in_or_crossed(self) -> int:
        """Units that saw a variation of the experiment: compared or crossovers."""
        return sum(self.compared.values()) + sum(self.crossovers.values())


def assignment_from_wide(rows: Iterable[Row]) -> Assignment:
    """Counts from ``health/assigned.sql`` for one experiment; repeated units where it looks."""
    compared: dict[str, int] = {}
    crossovers: dict[str, int] = {}
    unknown: dict[str, int] = {}
    exposures = repeated = 0
    for row in rows:
        exposures += row["exposures"]
        repeated += row["units"] - row.get("distinct_units", row["units"])
        single = compared if row["is_known"] else unknown
        part = crossovers if row["is_crossover"] else single
        part[row["variation_key"]] = part.get(row["variation_key"], 0) + row["units"]
    return Assignment(compared, crossovers, unknown, exposures, repeated)


def assignment_from_source(rows: Iterable[Row], known_keys: Iterable[str]) -> Assignment:
    """Counts from ``health/source_assigned.sql`` for one experiment.

    The source's own count cannot say which key a crossover saw first; they stand under ``""``.
    """
    known = set(known_keys)
    compared: dict[str, int] = {}
    crossovers: dict[str, int] = {}
    unknown: dict[str, int] = {}
    exposures = 0
    for row in rows:
        exposures += row["exposures"]
        key = row["variation_key"]
        if key is None:
            crossovers[""] = crossovers.get("", 0) + row["units"]
        else:
            (compared if key in known else unknown)[key] = row["units"]
    return Assignment(compared, crossovers, unknown, exposures)
