"""Conservation: no unit is lost or doubled between the source and the wide table.

What belongs here: the check that units and exposure rows agree, per variation. What does not:
repair.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ab_assets.health.assignment import Assignment
from ab_assets.health.finding import Check, Finding, Status


def check_conservation(experiment_id: str, wide: Assignment, source: Assignment) -> Finding:
    """Holds the wide table's units against a count of the source made in another way."""
    pairs = {
        "units": (wide.units, source.units),
        "crossovers": (sum(wide.crossovers.values()), sum(source.crossovers.values())),
        "exposures": (wide.exposures, source.exposures),
        "repeated units": (wide.repeated, source.repeated),
    }
    for key in sorted({*wide.by_key, *source.by_key}):
        pairs[f"units of {key!r}"] = (wide.by_key.get(key, 0), source.by_key.get(key, 0))
    broken = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    detail = {
        "wide": dict(wide.compared),
        "source": dict(source.compared),
        "exposures": {"wide": wide.exposures, "source": source.exposures},
        "crossovers": sum(source.crossovers.values()),
        "unknown": dict(source.unknown),
        "broken": {name: list(pair) for name, pair in broken.items()},
    }
    if not broken:
        message = f"all {wide.units:,} exposed units of the source are in the wide table, once each"
        return Finding(
            experiment_id, Check.CONSERVATION, Status.PASS, message, 0.0, 0.0, detail=detail
        )
    told = "; ".join(f"{have:,} {name}, the source {due:,}" for name, (have, due) in broken.items())
    return Finding(
        experiment_id,
        Check.CONSERVATION,
        Status.FAIL,
        f"the wide table has {told}; run the day again with --full",
        float(max(abs(have - due) for have, due in broken.values())),
        0.0,
        detail=detail,
        distrust="units are not conserved",
    )


def conserved_counts(detail: Mapping[str, Any], known_keys: Iterable[str]) -> Assignment | None:
    """What a check kept of the source's count, for the next day to build on.

    Args:
        detail: The finding's detail.
        known_keys: The keys that are variations now.

    Returns:
        ``None`` where units were not conserved, or the check did not keep all of its counts yet.
    """
    if detail.get("broken") != {} or not {"crossovers", "unknown"} <= detail.keys():
        return None
    units = {**detail["source"], **detail["unknown"]}
    known = set(known_keys)
    return Assignment(
        compared={key: count for key, count in units.items() if key in known},
        crossovers={"": detail["crossovers"]},
        unknown={key: count for key, count in units.items() if key not in known},
        exposures=detail["exposures"]["source"],
    )
