"""The query that turns a wide partition into counts, sums and products.

What belongs here: its statement, and its answer as one tidy frame. What does not: statistics.
"""

from dataclasses import dataclass

import polars as pl

from ab_assets.analysis.tag_day import TagDay
from ab_assets.modules.model import Cap
from ab_assets.modules.variables import Eligibility, Variable, VariablePlan, plan_variables
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.names import Fragment
from ab_assets.warehouse.statements import Statement, StatementLibrary
from ab_assets.warehouse.tables import TableDefinition

LARGEST_VALUES = 20


@dataclass(frozen=True, slots=True)
class _VariableView:
    measure: str
    transform: str
    eligibility: int
    cap: int | None


@dataclass(frozen=True, slots=True)
class _CapView:
    measure: int
    eligibility: int
    is_percentile: bool
    ignore_zeros: bool
    percentile: Fragment


@dataclass(frozen=True, slots=True)
class StatisticsQuery:
    """The statement and what its columns stand for.

    Attributes:
        cap_of: For each variable, the position of its cap column, or ``None``.
    """

    statement: Statement
    plan: VariablePlan
    cap_of: tuple[int | None, ...]
    dimensions: tuple[str, ...]


def statistics_query(
    library: StatementLibrary, day: TagDay, table: TableDefinition
) -> StatisticsQuery:
    """Plans one query for all metrics, experiments and dimensions of a tag on a day."""
    plan = plan_variables(metric for item in day.experiments for metric in item.metrics.values())
    eligibility_of = {value: place for place, value in enumerate(plan.eligibilities)}
    cap_measures = tuple(dict.fromkeys(v.cap_measure for v in plan.variables if v.cap_measure))
    caps = tuple(dict.fromkeys(_cap_key(v) for v in plan.variables if v.cap))
    cap_of = tuple(caps.index(_cap_key(v)) if v.cap else None for v in plan.variables)
    values: dict[str, object] = {"tag": day.tag, "event_date": day.event_date}
    if any(item.kind == "window_closed" for item in plan.eligibilities):
        values["ends"] = day.ends
    for place, variable in enumerate(plan.variables):
        if variable.transform == "at_least":
            values[f"threshold_{place}"] = variable.threshold
    for place, dimension in enumerate(day.module.dimensions):
        values[f"dimension_{place}"] = dimension
    for place, (_, _, cap) in enumerate(caps):
        if cap is not None and cap.absolute is not None:
            values[f"cap_{place}"] = float(cap.absolute)
    statement = library.render(
        "report_user/statistics.sql",
        values,
        table=table,
        dimensions=day.module.dimensions,
        eligibilities=plan.eligibilities,
        variables=[
            _VariableView(
                v.measure, v.transform.value, eligibility_of[v.eligibility], cap_of[place]
            )
            for place, v in enumerate(plan.variables)
        ],
        products=plan.products,
        cap_measures=cap_measures,
        caps=[
            _CapView(
                cap_measures.index(measure),
                eligibility_of[eligibility],
                cap.percentile is not None,
                cap.ignore_zeros,
                Fragment(repr(float(cap.percentile or 0))),
            )
            for measure, eligibility, cap in caps
            if cap is not None
        ],
        largest_values=LARGEST_VALUES,
    )
    return StatisticsQuery(statement, plan, cap_of, tuple(day.module.dimensions))


def fetch_sums(warehouse: Warehouse, query: StatisticsQuery) -> pl.DataFrame:
    """Runs the query.

    Returns:
        One row an (experiment, dimension, dimension value, variation, crossover or not), with
        ``units``, ``eligible_<k>``, ``sum_<i>``, ``shift_<i>``, ``product_<i>_<j>``, ``cap_<c>``;
        ``dimension`` and ``dimension_value`` are empty for all units.
    """
    return warehouse.fetch(query.statement)


def _cap_key(variable: Variable) -> tuple[str, Eligibility, Cap | None]:
    return (variable.cap_measure, variable.eligibility, variable.cap)
