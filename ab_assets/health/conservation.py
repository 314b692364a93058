"""Conservation: no unit is lost or doubled between the source and the wide table.

What belongs here: the check that units and exposure rows agree, per variation. What does not:
repair.
"""

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
    keys = sorted({*wide.compared, *source.compared, *wide.unknown, *source.unknown})
    for key in keys:
        pairs[f"units of {key!r}"] = (
            wide.compared.get(key, 0) + wide.unknown.get(key, 0),
            source.compared.get(key, 0) + source.unknown.get(key, 0),
        )
    broken = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    detail = {
        "wide": dict(wide.compared),
        "source": dict(source.compared),
        "exposures": {"wide": wide.exposures, "source": source.exposures},
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
