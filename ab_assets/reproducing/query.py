"""The SQL of one metric alone.

What belongs here: what ``reproduce/arms.sql`` needs to know of a metric. What does not: values as
literals, and the statistics.
"""

from dataclasses import dataclass

from ab_assets.analysis.statistics_query import LARGEST_VALUES
from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.modules.model import Cap, Metric, MetricType
from ab_assets.modules.variables import EligibilityKind, Variable, plan_variables
from ab_assets.warehouse.names import Fragment
from ab_assets.warehouse.statements import Statement, StatementLibrary
from ab_assets.warehouse.tables import TableDefinition

_REST = "(other)"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which row of a report.

    Attributes:
        adjusted: Whether the row's comparison was adjusted by CUPED.
    """

    item: ExperimentDay
    metric_name: str
    metric: Metric
    variation_key: str
    dimension: str
    dimension_value: str
    adjusted: bool

    @property
    def is_ratio(self) -> bool:
        """Whether it is one sum over another."""
        return self.metric.type is MetricType.RATIO


@dataclass(frozen=True, slots=True)
class _VariableView:
    name: str
    measure: str
    transform: str
    cap: int | None


@dataclass(frozen=True, slots=True)
class _CapView:
    measure: str
    is_percentile: bool
    ignore_zeros: bool
    percentile: Fragment


def variables_of(compared: Comparison) -> list[Variable]:
    """The numbers of a unit that the comparison is made of: outcomes, then covariates."""
    plan = plan_variables([compared.metric])
    placed = plan.of_metric[compared.metric]
    places = placed.positions if compared.adjusted else placed.outcomes
    return [plan.variables[place] for place in places]


def arms_statement(
    library: StatementLibrary, day: TagDay, table: TableDefinition, compared: Comparison
) -> Statement:
    """One row an arm: units, sums, and sums of products around the arm's means."""
    variables = variables_of(compared)
    eligibility = variables[0].eligibility
    names = _names(compared)
    caps = list(dict.fromkeys((v.cap_measure, v.cap) for v in variables if v.cap))
    values: dict[str, object] = {
        "tag": day.tag,
        "event_date": day.event_date,
        "experiment_id": compared.item.experiment.id,
        "control_key": compared.item.control.key,
        "variation_key": compared.variation_key,
    }
    if compared.dimension:
        values["dimension_value"] = compared.dimension_value
    if eligibility.kind is EligibilityKind.WINDOW_CLOSED:
        values["ends"] = day.ends
    for place, variable in enumerate(variables):
        if variable.transform == "at_least":
            values[f"threshold_{place}"] = variable.threshold
    for place, (_, cap) in enumerate(caps):
        if cap is not None and cap.absolute is not None:
            values[f"cap_{place}"] = float(cap.absolute)
    return library.render(
        "reproduce/arms.sql",
        values,
        table=table,
        dimension=compared.dimension,
        is_rest=bool(compared.dimension) and compared.dimension_value == _REST,
        largest_values=LARGEST_VALUES,
        eligibility=eligibility,
        variables=[
            _VariableView(
                name,
                variable.measure,
                variable.transform.value,
                caps.index((variable.cap_measure, variable.cap)) if variable.cap else None,
            )
            for name, variable in zip(names, variables, strict=True)
        ],
        caps=[_cap_view(measure, cap) for measure, cap in caps if cap is not None],
        products=[(one, other) for place, one in enumerate(names) for other in names[place:]],
    )


def _names(compared: Comparison) -> list[str]:
    outcomes = ["numerator", "denominator"] if compared.is_ratio else ["outcome"]
    if not compared.adjusted:
        return outcomes
    before = [f"{name}_before" for name in outcomes] if compared.is_ratio else ["before"]
    return outcomes + before


def _cap_view(measure: str, cap: Cap) -> _CapView:
    percentile = Fragment(repr(float(cap.percentile or 0)))
    return _CapView(measure, cap.percentile is not None, cap.ignore_zeros, percentile)
