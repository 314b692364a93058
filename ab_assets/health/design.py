"""What the experiment's design allows to be said at all.

What belongs here: checks on the configuration and the clock. What does not: checks on counts.
"""

from datetime import timedelta

from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.modules.health_limits import DEFAULT_LIMITS, FullDayLimits

_LAST_MICROSECOND = timedelta(microseconds=1)
_DAY = 24.0


def check_full_day(item: ExperimentDay, limits: FullDayLimits = DEFAULT_LIMITS.full_day) -> Finding:
    """A phase that has lasted less than one full day compares the hours of a day, not users."""
    lasted = item.window_end - item.phase.started_at
    hours = lasted.total_seconds() / 3600
    # A day ends with its last microsecond.
    if lasted >= timedelta(hours=limits.hours) - _LAST_MICROSECOND:
        message = f"the phase has lasted {hours / 24:.1f} days"
        return Finding(
            item.experiment.id, Check.FULL_DAY, Status.PASS, message, hours, limits.hours
        )
    needed = "one full day is" if limits.hours == _DAY else f"{limits.hours:g} hours are"
    message = f"the phase has lasted only {max(hours, 0):.1f} hours; {needed} needed"
    return Finding(
        item.experiment.id,
        Check.FULL_DAY,
        Status.WARN,
        message,
        hours,
        limits.hours,
        distrust="less than one full day" if limits.hours == _DAY else message,
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
