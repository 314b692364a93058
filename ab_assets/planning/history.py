"""What the experiments of a tag have shown: the numbers a new one can be planned from.

What belongs here: baseline, spread and variance reduction of each metric from the newest report's
control, users by day from the wide table. What does not: choosing what to plan
(:mod:`ab_assets.cli.plan_command`), the plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from ab_assets.analysis.columns import wide_table
from ab_assets.analysis.configurations import required_snapshot
from ab_assets.analysis.tag_day import ExperimentDay, TagDay, tag_day
from ab_assets.errors import ConfigurationError
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.model import Direction, Metric, MetricType, Module, Role
from ab_assets.modules.variables import EligibilityKind, eligibility_of
from ab_assets.planning.request import MetricKind, PlannedMetric
from ab_assets.planning.traffic import DAYS_A_WEEK, Traffic
from ab_assets.reporting.reading import NoReportError, read_report, report_provenance
from ab_assets.reporting.trust import TRUSTED
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary

_HOURS_A_DAY = 24
_KINDS: Mapping[str, MetricKind] = {
    MetricType.PROPORTION: "proportion",
    MetricType.RETENTION: "proportion",
    MetricType.MEAN: "mean",
    MetricType.RATIO: "ratio",
}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMetric:
    """A metric as the control had it.

    Attributes:
        planned: ``None`` where nothing can be planned, and then ``reason`` says why.
        role: Of it in the experiment it was seen in.
        family: Metrics that share the error rate with it in each variation.
        minimum_effect: The smallest relative change worth finding.
    """

    name: str
    title: str
    type: str
    planned: PlannedMetric | None
    reason: str
    role: str
    family: int
    minimum_effect: float

    def comparisons(self, arms: int) -> int:
        """That share the error rate, with so many arms."""
        return self.family * (arms - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What one experiment of a tag has shown.

    Attributes:
        event_date: The day of the report.
        distrust: Why the experiment is not to be trusted; empty where it is.
        coverage: Share of eligible users that was in it.
        traffic: Of all its arms.
    """

    tag: str
    module: Module
    experiment_key: str
    experiment_name: str
    event_date: date
    distrust: str
    coverage: float
    traffic: Traffic
    metrics: tuple[PastMetric, ...]

    def metric(self, name: str) -> PastMetric:
        """The metric of that name.

        Raises:
            ConfigurationError: There is none, or nothing can be planned from it.
        """
        for item in self.metrics:
            if item.name == name:
                if item.planned is None:
                    message = f"{name} cannot be planned from {self.experiment_key}: {item.reason}"
                    raise ConfigurationError(message)
                return item
        known = ", ".join(item.name for item in self.metrics)
        message = f"{self.tag!r} has no metric {name!r} in its report; it has {known}"
        raise ConfigurationError(message)


def read_history(
    warehouse: Warehouse,
    library: StatementLibrary,
    catalogue: ModuleCatalogue,
    zone: ZoneInfo,
    tag: str,
    *,
    experiment: str | None = None,
) -> History:
    """The history of a tag: by default of the trusted experiment that has run the longest.

    Raises:
        UnknownTagError: No module claims the tag.
        NoReportError: No report of it was made, or the newest has no experiment.
        ConfigurationError: The experiment that is named is not in the report.
    """
    made = report_provenance(warehouse, catalogue, tag, None)
    if made.event_date is None or made.row_count == 0:
        message = (
            f"the newest report of {tag!r} ({made.event_date}) has no experiment to learn from"
            + (f": {made.reason}" if made.reason else "")
            + "; give numbers instead: `ab-assets plan --baseline 10% --effect 5%`"
        )
        raise NoReportError(message)
    event_date = made.event_date
    rows = read_report(warehouse, library, catalogue, tag, event_date).filter(
        pl.col("dimension") == ""
    )
    day = tag_day(
        catalogue, required_snapshot(warehouse, library).experiments, tag, event_date, zone
    )
    chosen = _chosen(day, rows, experiment)
    own = rows.filter(pl.col("experiment_id") == chosen.experiment.id)
    return History(
        tag=tag,
        module=day.module,
        experiment_key=chosen.experiment.key,
        experiment_name=chosen.experiment.name,
        event_date=event_date,
        distrust=_distrust(own),
        coverage=chosen.phase.coverage,
        traffic=_traffic(warehouse, library, day, chosen, own),
        metrics=tuple(_past_metrics(day.module, chosen, own)),
    )


def _chosen(day: TagDay, rows: pl.DataFrame, experiment: str | None) -> ExperimentDay:
    reported = set(rows["experiment_id"].to_list())
    known = [item for item in day.experiments if item.experiment.id in reported]
    if experiment is not None:
        named = [item for item in known if experiment in {item.experiment.key, item.experiment.id}]
        if named:
            return named[0]
        keys = ", ".join(sorted(item.experiment.key for item in known))
        message = (
            f"the report of {day.tag!r} on {day.event_date} has no experiment {experiment!r}; "
            f"it has {keys}"
        )
        raise ConfigurationError(message)
    if not known:
        message = f"GrowthBook no longer has the experiments of the report of {day.tag!r}"
        raise NoReportError(message)

    def merit(item: ExperimentDay) -> tuple[bool, float, int]:
        own = rows.filter(pl.col("experiment_id") == item.experiment.id)
        return not _distrust(own), item.days, int(own["users"].max() or 0)  # type: ignore[arg-type]

    return max(known, key=merit)


def _distrust(own: pl.DataFrame) -> str:
    """Why no row of an experiment is trusted; empty where any is."""
    told = own["trust"].to_list()
    return "" if TRUSTED in told or not told else str(told[0])


def _traffic(
    warehouse: Warehouse,
    library: StatementLibrary,
    day: TagDay,
    chosen: ExperimentDay,
    own: pl.DataFrame,
) -> Traffic:
    name = chosen.experiment.key
    first_days = _arrivals(warehouse, library, day, chosen)
    if first_days:
        last = first_days[-DAYS_A_WEEK:]
        return Traffic(sum(last) / len(last), first_days, _told(name, len(first_days)))
    largest = own.group_by("variation_key").agg(pl.col("users").max())
    users = sum(largest["users"].to_list())
    days = max(ceil(chosen.days), 1)
    return Traffic(users / days, (), f"the mean of the {days} days of {name}")


def _told(name: str, days: int) -> str:
    if days == 1:
        return f"as {name} saw them on its first day, and every day after as many: hardly a guess"
    if days < DAYS_A_WEEK:
        return f"as {name} saw them in its first {days} days, then the mean of those: not a week"
    return f"as {name} saw them in its first {days} days, then the mean of its last {DAYS_A_WEEK}"


def _arrivals(
    warehouse: Warehouse, library: StatementLibrary, day: TagDay, chosen: ExperimentDay
) -> tuple[float, ...]:
    """Compared units on each whole day of the phase; none where the wide rows are gone."""
    table = wide_table(day.module.module, day.tag, day.measures)
    if not warehouse.columns(table.qualified):
        return ()
    statement = library.render(
        "planning/arrivals.sql", {"tag": day.tag, "event_date": day.event_date}, table=table
    )
    rows = warehouse.fetch(statement).filter(pl.col("experiment_id") == chosen.experiment.id)
    if rows.is_empty():
        return ()
    units = dict(zip(rows["exposed_on"].to_list(), rows["units"].to_list(), strict=True))
    start = chosen.phase.started_at.astimezone(day.zone).date()
    last = min(day.event_date, chosen.window_end.astimezone(day.zone).date())
    if not all(rows["day_closed"].to_list()):
        last -= timedelta(days=1)
    days = (start + timedelta(days=number) for number in range((last - start).days + 1))
    return tuple(float(units.get(when, 0)) for when in days)


def _past_metrics(module: Module, chosen: ExperimentDay, own: pl.DataFrame) -> Sequence[PastMetric]:
    control = own.filter(pl.col("is_control")).unique("metric", maintain_order=True)
    roles = dict(zip(control["metric"].to_list(), control["role"].to_list(), strict=True))
    corrected = module.engine.correction in {"holm", "bonferroni"}
    reduction = _reductions(own)
    found = []
    for row in control.iter_rows(named=True):
        metric = chosen.metrics.get(row["metric"])
        if metric is None:
            continue
        shares = corrected and row["role"] != Role.GUARDRAIL
        planned, reason = _planned(
            metric, row, reduction.get(row["metric"], 0.0), module.unit_of(metric)
        )
        found.append(
            PastMetric(
                name=row["metric"],
                title=metric.title or row["metric"],
                type=row["metric_type"],
                planned=planned,
                reason=reason,
                role=row["role"],
                family=list(roles.values()).count(row["role"]) if shares else 1,
                minimum_effect=metric.minimum_effect or module.engine.minimum_effect,
            )
        )
    return found


def _planned(
    metric: Metric, row: Row, reduction: float, unit: str
) -> tuple[PlannedMetric | None, str]:
    if row["mean"] is None or not row["users"]:
        return None, row["trust"] if row["trust"] != TRUSTED else "no unit is counted yet"
    # What there is to find: an improvement; of a guardrail the harm.
    improves_up = metric.direction is Direction.UP
    fall = improves_up == (row["role"] == Role.GUARDRAIL)
    try:
        planned = PlannedMetric(
            kind=_KINDS[row["metric_type"]],
            baseline=row["mean"],
            stddev=row["stddev"] or 0.0,
            name=row["metric"],
            title=metric.title,
            unit=unit,
            variance_reduction=reduction,
            closing_days=closing_days(metric),
            fall=fall,
        )
    except ConfigurationError as error:
        return None, str(error).removeprefix(f"{metric.title or row['metric']}: ")
    return planned, ""


def closing_days(metric: Metric) -> int:
    """Days after exposure until a unit counts, by which an experiment has to be longer.

    Examples:
        >>> closing_days(Metric(type="retention", day=7, column="active"))
        7
        >>> closing_days(Metric(type="mean", column="visits", window={"hours": 36}))
        2
    """
    eligibility = eligibility_of(metric)
    if eligibility.kind is EligibilityKind.DAY_CLOSED:
        return eligibility.day
    if eligibility.kind is EligibilityKind.WINDOW_CLOSED:
        return ceil(eligibility.hours / _HOURS_A_DAY)
    return 0


def _reductions(own: pl.DataFrame) -> dict[str, float]:
    """Share of variance CUPED removed from each metric it adjusted, the mean over variations."""
    adjusted = own.filter(pl.col("cuped") & pl.col("variance_reduction").is_not_null())
    means = adjusted.group_by("metric").agg(pl.col("variance_reduction").mean())
    return {
        name: min(max(value, 0.0), 0.99)
        for name, value in means.select("metric", "variance_reduction").iter_rows()
    }
