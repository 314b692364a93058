"""What the health table of a real warehouse says is wrong."""

from datetime import timedelta

import pytest

from ab_assets.alerts.health_problems import read_health
from ab_assets.alerts.links import DagsterLinks
from ab_assets.alerts.planning import Observation
from ab_assets.alerts.problem import Identity, Severity
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import StatementLibrary
from tests.alerts.builders import DAY, TAG
from tests.alerts.health_rows import a_row, write

LINKS = DagsterLinks("https://dagster.example")
RATIO = Identity("exp_basket", "sample_ratio", 0)


def look(warehouse: DuckDBWarehouse, library: StatementLibrary) -> Observation:
    return read_health(warehouse, library, [TAG, "habit"], LINKS)


def test_a_new_warehouse_has_no_problems(
    warehouse: DuckDBWarehouse, library: StatementLibrary
) -> None:
    seen = look(warehouse, library)
    assert (seen.problems, seen.newest_days, seen.passing) == ({}, {}, frozenset())


def test_a_failed_check_is_a_problem_with_its_numbers_and_a_link_to_the_partition(
    warehouse: DuckDBWarehouse, library: StatementLibrary
) -> None:
    write(warehouse, a_row())
    problem = look(warehouse, library).problems[RATIO]
    assert (problem.severity, problem.tag, problem.event_date) == (Severity.FAIL, TAG, DAY)
    assert problem.sentence == "too few units in variation 1"
    assert dict(problem.numbers)["observed"] == "0: 160, 1: 40"
    assert problem.link == (
        "https://dagster.example/assets/shop_module/health"
        "?view=partitions&partition=2025-03-09%7Cshop"
    )


def test_only_the_newest_day_of_a_tag_counts(
    warehouse: DuckDBWarehouse, library: StatementLibrary
) -> None:
    write(warehouse, a_row())
    write(warehouse, a_row(status="pass"), day=DAY + timedelta(days=1))
    write(warehouse, a_row(experiment_id="exp_other"), tag="habit")
    seen = look(warehouse, library)
    assert [identity.subject for identity in seen.problems] == ["exp_other"]
    assert seen.newest_days == {TAG: DAY + timedelta(days=1), "habit": DAY}
    assert seen.passing == {RATIO}


def test_a_newest_day_without_experiments_is_a_day_that_was_computed(
    warehouse: DuckDBWarehouse, library: StatementLibrary
) -> None:
    write(warehouse, a_row())
    write(warehouse, day=DAY + timedelta(days=1))
    seen = look(warehouse, library)
    assert (seen.problems, seen.newest_days) == ({}, {TAG: DAY + timedelta(days=1)})


def test_a_day_that_is_being_written_does_not_count(
    warehouse: DuckDBWarehouse, library: StatementLibrary
) -> None:
    write(warehouse, a_row())
    write(warehouse, day=DAY + timedelta(days=1), path="writing")
    assert look(warehouse, library).newest_days == {TAG: DAY}


def test_tags_of_no_module_are_left_out(
    warehouse: DuckDBWarehouse, library: StatementLibrary
) -> None:
    write(warehouse, a_row(), tag="gone")
    seen = look(warehouse, library)
    assert (seen.problems, seen.newest_days) == ({}, {})


def test_dimension_values_are_one_problem_the_worst_first(
    warehouse: DuckDBWarehouse, library: StatementLibrary
) -> None:
    write(
        warehouse,
        a_row(status="warn", message="all users"),
        a_row(dimension="country", dimension_value="US", message="in one country"),
        a_row(dimension="country", dimension_value="AE", message="in one country"),
    )
    (problem,) = look(warehouse, library).problems.values()
    assert problem.severity is Severity.FAIL
    assert problem.sentence == "country AE: in one country"


def test_a_check_of_the_whole_tag_is_a_problem_of_the_tag(
    warehouse: DuckDBWarehouse, library: StatementLibrary
) -> None:
    bare = a_row(experiment_id="", experiment_key=None, experiment_name=None, phase_index=None)
    write(warehouse, bare)
    (identity,) = look(warehouse, library).problems
    assert identity == Identity("tag:shop", "sample_ratio", -1)


def test_the_first_day_of_a_phase_is_no_fault(
    warehouse: DuckDBWarehouse, library: StatementLibrary
) -> None:
    write(warehouse, a_row(check_name="full_day", status="warn"))
    assert look(warehouse, library).problems == {}


@pytest.mark.parametrize("detail", [None, "", "[1]", "no json"])
def test_a_detail_of_any_form_is_shown_as_far_as_it_can(
    warehouse: DuckDBWarehouse, library: StatementLibrary, detail: str | None
) -> None:
    write(warehouse, a_row(detail=detail, module=None, message=None, p_value=None))
    problem = look(warehouse, library).problems[RATIO]
    assert problem.sentence == "the check did not pass"
    assert ("detail" in dict(problem.numbers)) == (detail == "no json")
