"""The text of every statement, in StarRocks's words, for one small fixture.

A change of a template shows here as a diff of what is sent. When it is meant:
``AB_WRITE_GOLDEN=1 python -m pytest tests/sql/test_golden.py`` writes the files anew.
"""

import os
from datetime import date
from difflib import unified_diff
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ab_assets.analysis.columns import report_table, wide_table, with_retired_columns
from ab_assets.analysis.experiment_data import experiment_data_statement
from ab_assets.analysis.phase_parameters import phase_parameters
from ab_assets.analysis.statistics_query import statistics_query
from ab_assets.analysis.tag_day import TagDay, tag_day
from ab_assets.analysis.unit_sample import UnitSample
from ab_assets.analysis.wide_user import wide_user_statement
from ab_assets.experiments import Variation
from ab_assets.health.measure_sums import measures_statement
from ab_assets.health.reconciliation import compared_columns
from ab_assets.health.replay import SAMPLE_SALT, UNITS_WANTED
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.reporting.history import HISTORY_COLUMNS
from ab_assets.reproducing.query import Comparison, arms_statement
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.dialect import portable_subset_problems, to_duckdb
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import Statement, StatementLibrary
from ab_assets.warehouse.tables import TableDefinition
from tests.experiments.builders import a_phase
from tests.sql.bench import TAG, a_library, a_module, gate

GOLDEN = PROJECT_ROOT / "tests" / "golden" / "sql"
WRITE = os.environ.get("AB_WRITE_GOLDEN") == "1"
# Parts that other statements include; sql/schema has golden files of its own.
PARTS = {
    *("as_of_day.sql", "daily.sql", "scope.sql", "events.sql", "exposures.sql"),
    *("added.sql", "crossed.sql", "cut.sql", "happened.sql", "reader.sql"),
    *("known_unit.sql", "new_unit.sql", "unit_time.sql", "counted_days.sql"),
    *("compared.sql", "valued.sql"),
}
NO_STATEMENTS = {"schema", "pieces", "modules", "ingest"}
DAY = date(2024, 3, 5)
METRICS = {
    "amount": {
        "type": "mean",
        "column": "amount",
        "cap": {"percentile": 0.99, "ignore_zeros": True},
        "cuped": {"days": 14},
    },
    "amount_capped": {"type": "mean", "column": "amount", "cap": {"absolute": 100}},
    "pay_a_visit": {"type": "ratio", "numerator": "amount", "denominator": "visits"},
    "payers": {
        "type": "proportion",
        "column": "amount",
        "delay": {"hours": 12},
        "window": {"days": 3},
    },
    "recently": {"type": "mean", "column": "visits", "lookback": {"days": 2}},
    "retention_d1": {"type": "retention", "column": "quiet_days", "day": 1},
    "largest": {
        "type": "mean",
        "column": "largest",
        "in_progress": "include",
        "window": {"days": 1},
    },
    "smallest": {"type": "mean", "column": "smallest"},
}
COLUMNS = ("visits", "amount", "quiet_days", "largest", "smallest")


def days_counted(library: StatementLibrary) -> dict[str, Statement]:
    """Wide rows of a phase of more days than one number has bits for."""
    days = {"type": "mean", "column": "active_days", "cuped": {"days": 7}}
    module = a_module({"active_days": days}, ["active_days"])
    catalogue = ModuleCatalogue.of([(Path("retention/module.yaml"), module)])
    day = tag_day(catalogue, [gate("2023-12-01T00:00")], TAG, DAY, ZoneInfo("Asia/Shanghai"))
    table = wide_table("retention", TAG, day.measures)
    return {"wide_user_counted_days": wide_user_statement(library, day, table, [], day.experiments)}


def a_day(*dimensions: str) -> TagDay:
    arms = tuple(Variation(id=f"var_{key}", key=key, name=f"Arm {key}") for key in "012")
    phase = a_phase("2024-03-02T00:00", weights=(0.4, 0.3, 0.3))
    experiments = (gate(), gate(id="exp_2", key="three", variations=arms, phases=(phase,)))
    module = a_module(METRICS, COLUMNS, dimensions)
    catalogue = ModuleCatalogue.of([(Path("retention/module.yaml"), module)])
    return tag_day(catalogue, experiments, TAG, DAY, ZoneInfo("Asia/Shanghai"))


def wide(library: StatementLibrary, day: TagDay, table: TableDefinition) -> dict[str, Statement]:
    gate_day, three = day.experiments
    partition: dict[str, object] = {"tag": TAG, "event_date": DAY}
    phases = phase_parameters([gate_day], [gate_day.phase.started_at], [""])
    bounds = {"exposed_from": gate_day.phase.started_at, "exposed_to": day.ends}
    retired = with_retired_columns(table, {"gone": "DOUBLE"})
    return {
        "wide_user_full": wide_user_statement(library, day, table, [], [gate_day]),
        "wide_user_incremental": wide_user_statement(library, day, table, [gate_day], []),
        "wide_user_mixed": wide_user_statement(library, day, retired, [gate_day], [three]),
        "wide_user_sampled": wide_user_statement(
            library, day, table, [], [gate_day], sample=UnitSample(0.01)
        ),
        "wide_user_sampled_rows": library.render(
            "wide_user/sampled_rows.sql",
            partition | UnitSample(0.01).parameters,
            table=table,
            columns=compared_columns(day),
        ),
        "wide_user_base": library.render(
            "wide_user/base.sql", {"tag": TAG, "base_date": DAY}, table=table
        ),
        "wide_user_exposed_today": library.render("wide_user/exposed_today.sql", partition),
        "wide_user_source_exposures": library.render(
            "wide_user/source_exposures.sql",
            phases.values | bounds,
            phases=phases.phases,
            dimensions=(),
        ),
        "wide_user_rows": library.render("wide_user/rows.sql", partition, table=table),
        "health_assigned": library.render(
            "health/assigned.sql", partition, table=table, finds_repeated=True
        ),
        "units_by_arm": library.render(
            "health/assigned.sql", partition, table=table, finds_repeated=False
        ),
        "health_source_assigned": library.render(
            "health/source_assigned.sql", phases.values | bounds, phases=phases.phases
        ),
        "health_source_added": library.render(
            "health/source_added.sql",
            phases.values | {"tag": TAG, "base_date": DAY, "exposed_from": day.starts},
            phases=phases.phases,
            table=table,
        ),
        "source_row_count": library.render(
            "source/row_count.sql", {}, table=fixed_table("ab_source.events")
        ),
        "health_replay_sample": library.render(
            "health/replay_sample.sql",
            {**partition, "salt": SAMPLE_SALT, "units_wanted": UNITS_WANTED},
        ),
        "health_findings": library.render("health/findings.sql", partition),
        "health_assigned_by_dimension": library.render(
            "health/assigned_by_dimension.sql",
            partition,
            table=table,
            dimensions=day.module.dimensions,
        ),
        "health_measures": measures_statement(library, day, table),
        "health_enrolment": library.render("health/enrolment.sql", partition, table=table),
        "health_configurations": library.render(
            "health/configurations.sql", phases.values, phases=phases.phases
        ),
        "health_earlier": library.render(
            "health/earlier.sql", partition | {"since": DAY, "check_name": "metric_jump"}
        ),
    }


def sources(library: StatementLibrary, day: TagDay) -> dict[str, Statement]:
    bounds: dict[str, object] = {"counted_from": day.starts, "counted_to": day.ends}
    zoned = {**bounds, "time_zone": "UTC"}
    arrivals = {**zoned, "event_date": DAY, "lookback_days": 3}
    return {
        "health_source_days_events": library.render(
            "health/source_days.sql",
            arrivals,
            source="source/events.sql",
            time="event_time",
            has_arrivals=True,
        ),
        "health_source_days_exposures": library.render(
            "health/source_days.sql",
            zoned,
            source="source/exposures.sql",
            time="exposed_at",
            has_arrivals=False,
        ),
        "health_source_lag": library.render("health/source_lag.sql", bounds),
    }


def alerts(library: StatementLibrary) -> dict[str, Statement]:
    parameters = {"attempts": {"message_id": "a"}, "digests": {"day": DAY}}
    names = ("newest_health", "episodes", "outbox", "open_attempts", "attempts", "digests")
    return {
        f"alerts_{name}": library.render(f"alerts/{name}.sql", parameters.get(name, {}))
        for name in names
    }


def reproduced(
    library: StatementLibrary, day: TagDay, table: TableDefinition
) -> dict[str, Statement]:
    """One metric alone: as simple as can be, and with everything there is."""
    item = day.experiments[0]
    asked = {
        "reproduce_arms": ("smallest", "", ""),
        "reproduce_arms_adjusted": ("amount", "country", "(other)"),
        "reproduce_arms_window": ("payers", "platform", "ios"),
        "reproduce_arms_retention": ("retention_d1", "", ""),
        "reproduce_arms_capped": ("amount_capped", "", ""),
    }
    return {
        name: arms_statement(
            library,
            day,
            table,
            Comparison(
                item,
                metric,
                item.metrics[metric],
                "1",
                dimension,
                value,
                adjusted=item.metrics[metric].cuped is not None,
            ),
        )
        for name, (metric, dimension, value) in asked.items()
    }


def all_statements() -> dict[str, Statement]:
    library = a_library()
    day = a_day("country", "platform")
    table = wide_table("retention", TAG, day.measures)
    report = report_table("retention", TAG)
    return {
        **wide(library, day, table),
        **days_counted(library),
        **sources(library, day),
        **alerts(library),
        "experiment_data": experiment_data_statement(library, day),
        "statistics": statistics_query(library, day, table).statement,
        "statistics_without_dimensions": statistics_query(library, a_day(), table).statement,
        "growthbook_known_configurations": library.render(
            "growthbook/known_configurations.sql", {}
        ),
        "growthbook_known_payloads": library.render("growthbook/known_payloads.sql", {}),
        "growthbook_newest_pull": library.render("growthbook/newest_pull.sql", {}),
        "growthbook_payloads": library.render(
            "growthbook/payloads.sql",
            {"payload_hash_0": "a", "payload_hash_1": "b"},
            hashes=range(2),
        ),
        **{
            f"source_{name}": library.render(
                f"source/{name}.sql", {"time_zone": "UTC", "counted_from": day.starts}
            )
            for name in ("daily_events", "daily_exposures")
        },
        "planning_arrivals": library.render(
            "planning/arrivals.sql", {"tag": TAG, "event_date": DAY}, table=table
        ),
        "report_user_rows": library.render(
            "report_user/rows.sql",
            {"tag": TAG, "event_date": DAY},
            columns=report.column_names,
            table=report,
        ),
        **{
            f"report_user_history{suffix}": library.render(
                "report_user/history.sql",
                {"tag": TAG, "event_date": DAY},
                columns=HISTORY_COLUMNS,
                table=report,
                every_role=every_role,
            )
            for suffix, every_role in (("", False), ("_every_role", True))
        },
        **reproduced(library, day, table),
        "testing_result": library.render(
            "testing_result/testing_result.sql",
            {"tag": TAG, "event_date": DAY},
            columns=report.column_names,
            report=report,
        ),
        "report_trend": library.render(
            "testing_result/report_trend.sql",
            {"tag": TAG, "event_date": DAY},
            columns=fixed_table("flow_report_app.tbl_report_trend").column_names,
            report=report,
        ),
        "dashboard_export": library.render(
            "testing_result/export.sql",
            {"tag": TAG},
            table=fixed_table("flow_report_app.tbl_experiment_health"),
            columns=("tag", "status"),
            one_tag=True,
        ),
        "dashboard_experiment_health": library.render(
            "testing_result/experiment_health.sql",
            {"tag": TAG, "event_date": DAY},
            columns=fixed_table("flow_report_app.tbl_experiment_health").column_names,
        ),
    }


STATEMENTS = all_statements()


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_reads_as_its_golden_file(name: str) -> None:
    path = GOLDEN / f"{name}.sql"
    text = tidy(STATEMENTS[name].text)
    if WRITE:
        path.write_text(text, encoding="utf-8")
    golden = path.read_text(encoding="utf-8") if path.exists() else ""
    diff = "\n".join(
        unified_diff(golden.splitlines(), text.splitlines(), path.name, "now", lineterm="")
    )
    assert text == golden, f"AB_WRITE_GOLDEN=1 writes it anew when this is meant\n{diff}"


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_in_the_portable_subset(name: str) -> None:
    assert portable_subset_problems(STATEMENTS[name].text) == []


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_has_a_form_on_duckdb(name: str) -> None:
    assert to_duckdb(STATEMENTS[name].text)


def test_every_file_has_a_golden_statement() -> None:
    files = {
        path.relative_to(PROJECT_ROOT / "sql").as_posix()
        for path in (PROJECT_ROOT / "sql").glob("*/*.sql")
        if path.parent.name not in NO_STATEMENTS and path.name not in PARTS
    }
    assert files == {statement.name for statement in STATEMENTS.values()}


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.sql")} == set(STATEMENTS)


def test_no_value_stands_in_any_text() -> None:
    for statement in STATEMENTS.values():
        for value in ("exp_1", "exp_2", "three", "var_1", "Asia/Shanghai", "2024-03"):
            assert value not in statement.text, (statement.name, value)


def tidy(text: str) -> str:
    """Without empty lines and without the comments of included files, so that a diff shows SQL."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    head = next(place for place, line in enumerate(lines) if not line.startswith("--"))
    body = [line for line in lines[head:] if not line.startswith("--")]
    return "\n".join([*lines[:head], *body]) + "\n"
