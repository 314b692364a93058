"""What the experiment's design allows to be said at all.

What belongs here: checks on the configuration and the clock. What does not: checks on counts.
"""

from datetime import timedelta

from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.health.finding import Check, Finding, Status

_FULL_DAY = timedelta(days=1) - timedelta(microseconds=1)


def check_full_day(item: ExperimentDay) -> Finding:
    """A phase that has lasted less than one full day compares the hours of a day, not users."""
    lasted = item.window_end - item.phase.started_at
    hours = lasted.total_seconds() / 3600
    if lasted >= _FULL_DAY:
        message = f"the phase has lasted {hours / 24:.1f} days"
        return Finding(item.experiment.id, Check.FULL_DAY, Status.PASS, message, hours, 24.0)
    message = f"the phase has lasted only {max(hours, 0):.1f} hours; one full day is needed"
    distrust = "less than one full day"
    return Finding(
        item.experiment.id, Check.FULL_DAY, Status.WARN, message, hours, 24.0, distrust=distrust
    )


def check_design(item: ExperimentDay) -> Finding:
    """Designs this system would analyse wrongly are said to be so."""
    problem = _problem(item)
    if not problem:
        message = "the design is one this system analyses"
        return Finding(item.experiment.id, Check.DESIGN, Status.PASS, message)
    return Finding(item.experiment.id, Check.DESIGN, Status.WARN, problem, distrust=problem)


def _problem(item: ExperimentDay) -> str:
    experiment = item.experiment
    if experiment.type == "multi-armed-bandit":
        return (
            "a multi-armed bandit changes its weights as it goes: "
            "fixed-split statistics do not hold"
        )
    if experiment.activation_metric:
        return (
            f"the activation metric {experiment.activation_metric} is not applied: "
            "all exposed units are compared"
        )
    if experiment.segment_id or experiment.query_filter:
        return "GrowthBook's segment or query filter is not applied: all exposed units are compared"
    return ""
