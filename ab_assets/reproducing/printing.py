"""A reproduction as people read it.

What belongs here: the text of its parts. What does not: finding and computing them.
"""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from ab_assets.experiments import moment
from ab_assets.reporting.formatting import plain_text, quantity
from ab_assets.reproducing.reproduction import Reproduction
from ab_assets.reproducing.running import Recomputed

_WITH_UNIT = ("mean", "control_mean", "stddev", "control_stddev", "cap_value")


def standing(found: Reproduction, zone: ZoneInfo) -> list[str]:
    """Where the number stands now and how it came about, one fact a line."""
    row = found.row
    segment = f", {row['dimension']} = {row['dimension_value']}" if row["dimension"] else ""
    against = "" if row["is_control"] else f" against {row['control_key']}"
    facts = [
        f"{row['metric_title']} ({row['metric']}), {row['role']} of {row['experiment_name']} "
        f"({row['experiment_key']})",
        f"variation {row['variation_key']} ({row['variation_name']}){against}{segment}, "
        f"phase {row['phase_index']}, as of the end of {row['event_date']}",
        f"table {found.table}, partition tag = {row['tag']}, event_date = {row['event_date']}",
        f"made {moment(row['computed_at'], zone)} by run {row['run_id']}, path {found.made}",
        f"configuration {row['config_hash']}, SQL {row['sql_hash']}, "
        f"method {row['method'] or 'none'}",
    ]
    notes = [f"note: {note}" for note in found.notes]
    return [*map(plain_text, facts), *_values(found), *map(plain_text, notes)]


def comparison_lines(recomputed: Iterable[Recomputed]) -> Iterator[str]:
    """Reported and recomputed side by side."""
    yield f"{'column':<20} {'reported':>24} {'recomputed':>24} {'difference':>11}"
    for one in recomputed:
        mark = "" if one.agrees else "  DIFFERS"
        yield (
            f"{one.column:<20} {one.reported:>24.15g} {one.recomputed:>24.15g} "
            f"{one.difference:>11.1e}{mark}"
        )


def _values(found: Reproduction) -> Iterator[str]:
    for name, value in found.reported.items():
        unit = found.row["unit"] if name in _WITH_UNIT else ""
        told = f"  ({quantity(value, unit)})" if unit else ""
        yield f"  {name:<20} {value!r}{told}"
