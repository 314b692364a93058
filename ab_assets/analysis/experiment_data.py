"""The statement of ``experiment_data``: configuration in force and who was exposed that day.

What belongs here: that one statement. What does not: running it.
"""

from ab_assets.analysis.columns import DIMENSIONS
from ab_assets.analysis.phase_parameters import phase_parameters, with_variations
from ab_assets.analysis.tag_day import TagDay
from ab_assets.warehouse.statements import Statement, StatementLibrary


def experiment_data_statement(library: StatementLibrary, day: TagDay) -> Statement:
    """The SELECT of one partition; the day must have an experiment in force."""
    parameters = with_variations(
        phase_parameters(
            day.experiments,
            (max(item.phase.started_at, day.starts) for item in day.experiments),
            (item.config_hash for item in day.experiments),
        ),
        day.experiments,
    )
    values = dict(parameters.values)
    for number, item in enumerate(day.experiments):
        values |= {
            f"experiment_name_{number}": item.experiment.name,
            f"phase_name_{number}": item.phase.name,
            f"phase_start_{number}": item.phase.started_at,
            f"phase_end_{number}": item.phase.ended_at,
            f"coverage_{number}": item.phase.coverage,
            f"reseeded_{number}": item.phase.reseeded,
        }
    pairs = [
        (item, variation) for item in day.experiments for variation in item.experiment.variations
    ]
    for number, (item, variation) in enumerate(pairs):
        values |= {
            f"variation_id_{number}": variation.id,
            f"variation_name_{number}": variation.name,
            f"weight_{number}": item.weights[variation.key],
            f"is_control_{number}": variation.key == item.control.key,
        }
    return library.render(
        "experiment_data/experiment_data.sql",
        {
            **values,
            "tag": day.tag,
            "event_date": day.event_date,
            "exposed_from": day.starts,
            "exposed_to": day.ends,
        },
        phases=parameters.phases,
        variations=parameters.variations,
        dimensions=DIMENSIONS,
    )
