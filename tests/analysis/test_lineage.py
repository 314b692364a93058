"""From which columns each column is made."""

import pytest

from ab_assets.analysis.columns import report_table, wide_table
from ab_assets.analysis.lineage import (
    EXPERIMENT_DATA,
    GROWTHBOOK_EXPERIMENTS,
    SOURCE_EVENTS,
    SOURCE_EXPOSURES,
    AssetPath,
    ColumnSource,
    Lineage,
    columns_of,
    dashboard_lineage,
    experiment_data_lineage,
    health_lineage,
    health_path,
    report_lineage,
    report_user_path,
    same_columns,
    wide_lineage,
    wide_user_path,
)
from ab_assets.modules.expressions import EVENT_COLUMNS
from ab_assets.modules.loader import load_modules
from ab_assets.modules.measures import EVENTS_AFTER, measures_of
from ab_assets.modules.model import Module
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.schema import HEALTH_TABLE, REPORT_TABLE, fixed_table

MODULES = tuple(load_modules(PROJECT_ROOT / "sql" / "modules"))
DASHBOARD: AssetPath = ("flow_report_app", "ab_testing_result")


def columns_by_asset() -> dict[AssetPath, frozenset[str]]:
    """The columns of every asset, from the tables' own definitions."""
    tables = {
        SOURCE_EXPOSURES: fixed_table("ab_source.exposures"),
        SOURCE_EVENTS: fixed_table("ab_source.events"),
        GROWTHBOOK_EXPERIMENTS: fixed_table("ab.growthbook_experiments"),
        EXPERIMENT_DATA: fixed_table("ab.experiment_data"),
        DASHBOARD: fixed_table(REPORT_TABLE),
    }
    for module in MODULES:
        measures = measures_of(module, module.metrics.values())
        tables |= {
            wide_user_path(module.module): wide_table(module.module, module.tags[0], measures),
            health_path(module.module): fixed_table(HEALTH_TABLE),
            report_user_path(module.module): report_table(module.module, module.tags[0]),
        }
    return {asset: frozenset(table.column_names) for asset, table in tables.items()}


def lineages() -> dict[AssetPath, Lineage]:
    found: dict[AssetPath, Lineage] = {
        EXPERIMENT_DATA: experiment_data_lineage(),
        DASHBOARD: dashboard_lineage(MODULES),
    }
    for module in MODULES:
        measures = measures_of(module, module.metrics.values())
        found |= {
            wide_user_path(module.module): wide_lineage(measures),
            health_path(module.module): health_lineage(module.module),
            report_user_path(module.module): report_lineage(module),
        }
    return found


LINEAGES = lineages()
COLUMNS = columns_by_asset()


def module_named(name: str) -> Module:
    return next(module for module in MODULES if module.module == name)


def sources_of(start: AssetPath, column: str) -> set[ColumnSource]:
    """Everything a column is made of, back to the sources."""
    reached: set[ColumnSource] = set()
    front = set(LINEAGES[start].get(column, ()))
    while front:
        reached |= front
        made_of = (LINEAGES.get(item.asset, {}).get(item.column, ()) for item in front)
        front = {source for sources in made_of for source in sources} - reached
    return reached


@pytest.mark.parametrize("asset", LINEAGES, ids="/".join)
def test_every_column_named_is_a_column_of_its_asset(asset: AssetPath) -> None:
    lineage = LINEAGES[asset]
    assert set(lineage) <= COLUMNS[asset]
    named = {source for sources in lineage.values() for source in sources}
    assert {item for item in named if item.column not in COLUMNS[item.asset]} == set()


@pytest.mark.parametrize("asset", LINEAGES, ids="/".join)
def test_no_source_stands_twice(asset: AssetPath) -> None:
    assert all(len(set(sources)) == len(sources) for sources in LINEAGES[asset].values())


@pytest.mark.parametrize(
    ("asset", "without"),
    [
        (EXPERIMENT_DATA, set()),
        (("retention", "wide_user"), {"sql_hash"}),
        (
            ("retention", "report_user"),
            # What the module's file and the run say, not a table.
            {
                "module",
                "metric",
                "metric_type",
                "metric_title",
                "unit",
                "direction",
                "dimension",
                "method",
                "cuped",
                "sql_hash",
                "run_id",
                "computed_at",
            },
        ),
        (DASHBOARD, set()),
    ],
    ids=["experiment_data", "wide_user", "report_user", "dashboard"],
)
def test_only_what_no_table_says_has_no_source(asset: AssetPath, without: set[str]) -> None:
    assert COLUMNS[asset] - set(LINEAGES[asset]) == without


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.module)
def test_a_mean_on_the_dashboard_goes_back_to_the_events_and_exposures(module: Module) -> None:
    reached = sources_of(DASHBOARD, "mean")
    assert set(columns_of(SOURCE_EVENTS, "event_name", "event_time", "user_id")) <= reached
    assert set(columns_of(SOURCE_EXPOSURES, "user_id", "exposed_at")) <= reached
    assert any(item.asset == wide_user_path(module.module) for item in reached)


def test_a_measure_is_made_of_the_events_columns_its_sql_reads() -> None:
    lineage = wide_lineage(measures_of(module_named("retention"), ()))
    events = {
        name: {item.column for item in sources if item.asset == SOURCE_EVENTS}
        for name, sources in lineage.items()
    }
    always = {"user_id", "event_time"}
    assert events["session_minutes"] == {"event_name", "value"} | always
    assert events["sessions"] == {"event_name"} | always
    assert events[EVENTS_AFTER] == always
    assert set().union(*events.values()) <= set(EVENT_COLUMNS)


def test_a_level_is_made_of_outcomes_alone_and_a_difference_of_covariates_too() -> None:
    lineage = report_lineage(module_named("retention"))
    covariate = ColumnSource(wide_user_path("retention"), "sessions_before_14d")
    assert covariate not in lineage["mean"]
    assert covariate in lineage["abs_diff"]


def test_every_measure_a_metric_reads_is_in_the_report() -> None:
    module = module_named("retention")
    read = {item.column for item in report_lineage(module)["p_value"]}
    wanted = {
        item.name for item in measures_of(module, module.metrics.values()) if "_" in item.name
    }
    assert {"active_days_day_1", "sessions_after_1d_within_7d", "load_ms"} <= read
    assert read <= wanted | {"sessions", "crashes", "complaints"}


def test_a_column_taken_over_from_several_assets_names_each() -> None:
    lineage = same_columns([("a",), ("b", "c")], ["x"])
    assert lineage == {"x": (ColumnSource(("a",), "x"), ColumnSource(("b", "c"), "x"))}
