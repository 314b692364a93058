"""One number of a report, from where it stands to the lines that give it again.

What belongs here: bringing row, configuration, SQL and Python together. What does not: each of
them, and how they are printed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ab_assets.analysis.columns import report_table, wide_table
from ab_assets.analysis.configurations import required_snapshot
from ab_assets.analysis.tag_day import ExperimentDay, TagDay, tag_day
from ab_assets.analysis.wide_user import wide_user_statement
from ab_assets.errors import ConfigurationError
from ab_assets.project import Project
from ab_assets.reporting.reading import read_report, report_provenance
from ab_assets.reproducing.choosing import Question, Row, find_row, reported_columns, told_choice
from ab_assets.reproducing.literals import attaching, standing_alone
from ab_assets.reproducing.parts import columns_of, pieces_for
from ab_assets.reproducing.query import Comparison, arms_statement, variables_of
from ab_assets.reproducing.script import Cell, python_cells
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition

_FISHER = "fisher-exact"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Everything a doubter needs.

    Attributes:
        row: The row of the report.
        table: Where it stands, as ``schema.name``.
        reported: The columns that are computed again, with their values.
        notes: What has to be said beside them.
        made: How the partition came about.
        sql: The statement, standing alone.
        cells: The Python.
        choice: Which variation it is of, and the others.
    """

    row: Row
    table: str
    reported: Mapping[str, float]
    notes: tuple[str, ...]
    made: str
    sql: str
    cells: tuple[Cell, ...]
    choice: str


def reproduce(  # noqa: PLR0917 (each narrows the question)
    project: Project,
    warehouse: Warehouse,
    tag: str,
    event_date: date | None,
    question: Question,
    columns: tuple[str, ...],
    *,
    from_source: bool = False,
) -> Reproduction:
    """Finds the row and writes its SQL and Python.

    Args:
        project: Settings, modules and SQL.
        warehouse: Where reports and wide rows are.
        tag: The tag.
        event_date: The day; None for the newest report.
        question: Which row.
        columns: What to compute, as named by the asker; none for the important ones.
        from_source: From exposures and events, not from the wide rows.

    Raises:
        ConfigurationError: There is no such row, or nothing of it can be computed.
        NoReportError: There is no report of the day.
    """
    library, catalogue = project.library, project.catalogue
    made = report_provenance(warehouse, catalogue, tag, event_date)
    when = made.event_date or project.settings.yesterday()
    frame = read_report(warehouse, library, catalogue, tag, when)
    if frame.is_empty():
        message = f"the report of {tag!r} of {when} has no rows: {made.reason}"
        raise ConfigurationError(message)
    row = find_row(frame, question)
    reported = reported_columns(
        row, columns_of(columns, catalogue.module_of(tag).engine.correction)
    )
    experiments = required_snapshot(warehouse, library).experiments
    day = tag_day(catalogue, experiments, tag, when, project.settings.zone)
    compared = _comparison(day, row)
    source = _Source(project, warehouse, day, compared)
    sql, notes = source.sql(from_source=from_source)
    pieces = pieces_for(
        reported.values,
        is_ratio=compared.is_ratio,
        adjusted=compared.adjusted,
        exact=row["method"] == _FISHER,
    )
    used = [item for item in _constants(day, compared, row) if _is_used(item[0], pieces)]
    cells = python_cells(sql, source.dialect, [*used, ("COLUMNS", list(reported.values))], pieces)
    return Reproduction(
        row=row,
        table=report_table(day.module.module, tag).qualified,
        reported=reported.values,
        notes=(*reported.notes, *notes, *_changed(compared, row)),
        made=made.path + (f" ({made.reason})" if made.reason else ""),
        sql=sql,
        cells=tuple(cells),
        choice=told_choice(frame, row),
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the unit rows of a comparison come from, and their SQL."""

    project: Project
    warehouse: Warehouse
    day: TagDay
    compared: Comparison

    @property
    def dialect(self) -> str:
        return "duckdb" if isinstance(self.warehouse, DuckDBWarehouse) else "starrocks"

    @property
    def wide(self) -> TableDefinition:
        return wide_table(self.day.module.module, self.day.tag, self.day.measures)

    def sql(self, *, from_source: bool) -> tuple[str, tuple[str, ...]]:
        library, wide = self.project.library, self.wide
        statement = arms_statement(library, self.day, wide, self.compared)
        notes: tuple[str, ...] = ()
        if not from_source and not self._has_rows(statement):
            from_source = True
            notes = (
                f"the rows of {wide.qualified} of {self.day.event_date} are no longer kept "
                "(AB_WIDE_KEEP_DAYS): the SQL starts from ab_source",
            )
        sources: dict[str, Statement] = {}
        if from_source:
            item = self.compared.item
            sources[wide.name] = wide_user_statement(library, self.day, wide, [], [item])
        text = standing_alone(statement, sources, self.dialect)
        if isinstance(self.warehouse, DuckDBWarehouse):
            text = f"{attaching(self.warehouse.path)}\n{text}"
        return text, notes

    def _has_rows(self, statement: Statement) -> bool:
        existing = self.warehouse.columns(self.wide.qualified)
        needed = {variable.measure for variable in variables_of(self.compared)}
        return needed <= existing.keys() and not self.warehouse.fetch(statement).is_empty()


def _constants(day: TagDay, compared: Comparison, row: Row) -> list[tuple[str, object]]:
    engine = day.module.engine
    return [
        ("CONTROL", row["control_key"]),
        ("VARIATION", row["variation_key"]),
        ("ALPHA", engine.alpha),
        ("PLANNED_UNITS", float(engine.planned_units or compared.item.planned_units)),
    ]


def _comparison(day: TagDay, row: Row) -> Comparison:
    found = [item for item in day.experiments if item.experiment.id == row["experiment_id"]]
    item: ExperimentDay | None = found[0] if found else None
    metric = item.metrics.get(row["metric"]) if item else None
    if item is None or metric is None or item.phase.index != row["phase_index"]:
        message = (
            f"the configuration has changed since the report of {day.event_date} was made: the "
            "experiment, its phase or the metric is another now; make the report again with "
            f"`ab-assets run --tag {day.tag} --date {day.event_date}`"
        )
        raise ConfigurationError(message)
    return Comparison(
        item=item,
        metric_name=row["metric"],
        metric=metric,
        variation_key=row["variation_key"],
        dimension=row["dimension"],
        dimension_value=row["dimension_value"],
        adjusted=bool(row["cuped"]),
    )


def _is_used(constant: str, pieces: list[str]) -> bool:
    uses = {"ALPHA": {"welch", "exact", "sequential"}, "PLANNED_UNITS": {"sequential"}}
    return constant not in uses or bool(uses[constant] & set(pieces))


def _changed(compared: Comparison, row: Row) -> tuple[str, ...]:
    if compared.item.config_hash == row["config_hash"]:
        return ()
    return (
        "the experiment's configuration has changed since the report was made; the SQL follows the "
        "new one, so numbers may differ until the report is made again",
    )
