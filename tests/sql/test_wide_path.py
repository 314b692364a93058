"""When today's wide rows may build on yesterday's, and that they are right either way."""

import shutil
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from polars.testing import assert_frame_equal

from ab_assets.analysis.wide_user import measures_hash
from ab_assets.experiments import MetricSetting, Variation
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.statements import StatementLibrary
from tests.experiments.builders import a_phase, utc
from tests.sql.bench import LEAN, Bench, a_module, gate
from tests.sql.rows import exposed, pay, visit

DAY_1, DAY_2, DAY_3 = date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)
NO_BASE = "yesterday's partition has no row of it"
CHANGED = "its configuration has changed since yesterday's partition"


@pytest.fixture
def begun(bench: Bench) -> Bench:
    """Two days of one unit, the first of them made."""
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        visit("u", "03-01 11:00"),
        visit("u", "03-02 11:00"),
    )
    bench.make(DAY_1)
    return bench


def check_same_in_full(bench: Bench, day: date) -> None:
    made = bench.wide(day)
    assert_frame_equal(made, bench.full(day).wide(day), rel_tol=1e-9, abs_tol=1e-9)


def test_the_first_day_of_a_phase_is_made_in_full(bench: Bench) -> None:
    bench.load(exposed("u", "0", "03-01 10:00"))
    assert bench.make(DAY_1) == {"gate": "the phase begins on this day"}


def test_the_next_day_builds_on_it(begun: Bench) -> None:
    assert begun.make(DAY_2) == {"gate": ""}
    assert begun.unit(DAY_2, "u")["visits"] == 2.0
    check_same_in_full(begun, DAY_2)


def test_the_incremental_path_does_not_read_earlier_days_again(begun: Bench) -> None:
    begun.load(visit("u", "03-01 12:00"))
    begun.make(DAY_2)
    assert begun.unit(DAY_2, "u")["visits"] == 2.0
    assert begun.full(DAY_2).unit(DAY_2, "u")["visits"] == 3.0


def test_asked_for_in_full_it_is_made_in_full(begun: Bench) -> None:
    begun.make_experiment_data(DAY_2)
    assert begun.make_wide(DAY_2, force_full=True) == {"gate": "asked for"}


def test_without_yesterdays_partition_it_is_made_in_full(begun: Bench) -> None:
    assert begun.make(DAY_3) == {"gate": NO_BASE}
    assert begun.unit(DAY_3, "u")["visits"] == 2.0


def test_an_experiment_nobody_had_seen_yesterday_is_made_in_full(bench: Bench) -> None:
    bench.load(exposed("u", "0", "03-02 10:00"))
    bench.make(DAY_1)
    assert bench.make(DAY_2) == {"gate": NO_BASE}


def test_an_exposure_that_arrived_late_sends_the_day_down_the_full_path(begun: Bench) -> None:
    begun.load(exposed("late", "1", "03-01 09:00"), visit("late", "03-01 09:30"))
    assert begun.make(DAY_2) == {"gate": "exposures arrived late"}
    assert begun.unit(DAY_2, "late")["visits"] == 1.0


def test_a_late_exposure_that_makes_a_crossover_is_not_overlooked(begun: Bench) -> None:
    begun.load(exposed("u", "1", "03-01 09:00"))
    begun.make(DAY_2)
    row = begun.unit(DAY_2, "u")
    assert (row["variation_key"], row["variations_seen"]) == ("1", 2)


def test_exposures_of_today_that_experiment_data_does_not_have_yet_are_not_lost(
    begun: Bench,
) -> None:
    begun.make_experiment_data(DAY_2)
    begun.load(exposed("new", "1", "03-02 09:00"))
    assert begun.make_wide(DAY_2) == {"gate": "exposures arrived late"}
    assert begun.unit(DAY_2, "new")["variation_key"] == "1"


def test_without_any_experiment_data_of_today_the_day_is_right_all_the_same(begun: Bench) -> None:
    begun.load(exposed("new", "1", "03-02 09:00"))
    assert begun.make_wide(DAY_2) == {"gate": "exposures arrived late"}
    assert begun.wide(DAY_2).height == 2


def test_a_phase_whose_end_was_moved_before_yesterday_is_made_in_full(begun: Bench) -> None:
    begun.experiments = (gate(ended="2024-03-01T10:30"),)
    assert begun.make(DAY_2) == {"gate": CHANGED}
    assert begun.unit(DAY_2, "u")["visits"] == 0.0


def test_a_phase_that_ends_today_still_builds_on_yesterday(begun: Bench) -> None:
    begun.experiments = (gate(ended="2024-03-02T10:30"),)
    assert begun.make(DAY_2) == {"gate": ""}
    assert begun.unit(DAY_2, "u")["visits"] == 1.0


def test_a_phase_whose_start_was_moved_is_made_in_full(begun: Bench) -> None:
    begun.experiments = (gate("2024-03-01T10:00:00.000001"),)
    assert begun.make(DAY_2) == {"gate": CHANGED}
    assert begun.wide(DAY_2).height == 0


def test_another_tracking_key_is_another_configuration(begun: Bench) -> None:
    begun.experiments = (gate(key="renamed"),)
    assert begun.make(DAY_2) == {"renamed": CHANGED}


def test_another_business_time_zone_is_another_configuration(begun: Bench) -> None:
    begun.zone = ZoneInfo("Asia/Shanghai")
    begun.load(exposed("u", "0", "03-02 10:00"))
    assert begun.make(DAY_2) == {"gate": CHANGED}


def test_a_change_of_the_clocks_is_no_reason_to_make_all_again(bench: Bench) -> None:
    bench.zone = ZoneInfo("America/New_York")
    bench.experiments = (gate("2024-03-09T05:00"),)
    bench.load(
        exposed("u", "0", "03-09 12:00"),
        visit("u", "03-10 04:59"),  # the 9th, five hours behind
        visit("u", "03-11 03:59"),  # the 10th, a day of 23 hours
        visit("u", "03-11 04:00"),  # the 11th, four hours behind
    )
    first, changed, after = date(2024, 3, 9), date(2024, 3, 10), date(2024, 3, 11)
    bench.make(first)
    assert [bench.make(day) for day in (changed, after)] == [{"gate": ""}] * 2
    counts = [bench.unit(day, "u")["visits"] for day in (first, changed, after)]
    assert counts == [1.0, 2.0, 3.0]
    check_same_in_full(bench, after)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Another name"},
        {"metrics": (MetricSetting(metric_id="fact__x", role="goal"),)},
        {"phases": (a_phase("2024-03-01T00:00", weights=(0.9, 0.1)),)},
        {"status": "stopped"},
    ],
    ids=["name", "metric roles", "weights", "status"],
)
def test_what_no_wide_row_depends_on_changes_no_path(
    begun: Bench, changes: dict[str, object]
) -> None:
    begun.experiments = (gate(**changes),)
    assert begun.make(DAY_2) == {"gate": ""}


def test_experiment_data_of_another_configuration_is_not_built_on(begun: Bench) -> None:
    begun.make_experiment_data(DAY_2)
    begun.load(exposed("new", "1", "03-02 09:00"))
    begun.make_experiment_data(DAY_2)
    begun.experiments = (gate(phases=(a_phase("2024-03-01T00:00", weights=(0.9, 0.1)),)),)
    assert begun.make_wide(DAY_2) == {
        "gate": "experiment_data of this day was made of another configuration"
    }


def test_another_measure_is_other_sql(begun: Bench) -> None:
    metrics = LEAN | {"soon": {"type": "mean", "column": "visits", "window": {"hours": 1}}}
    begun.module = a_module(metrics, ["visits"])
    assert begun.make(DAY_2) == {"gate": "the SQL has changed since yesterday's partition"}
    assert begun.unit(DAY_2, "u")["visits_within_1h"] == 1.0


def test_a_measure_no_metric_asks_for_any_more_is_null(bench: Bench) -> None:
    metrics = LEAN | {"soon": {"type": "mean", "column": "visits", "window": {"hours": 1}}}
    bench.module = a_module(metrics, ["visits"])
    bench.load(exposed("u", "0", "03-01 10:00"), visit("u", "03-01 10:30"))
    bench.make(DAY_1)
    bench.module = a_module(LEAN, ["visits"])
    bench.make(DAY_2)
    row = bench.unit(DAY_2, "u")
    assert (row["visits"], row["visits_within_1h"]) == (1.0, None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'sum' and has_carried", "'sum' and not has_carried"),
        ("WHERE known.user_id IS NULL", "WHERE known.user_id IS NOT NULL"),
    ],
    ids=["both paths", "incremental alone"],
)
def test_a_change_of_either_path_is_other_sql(
    begun: Bench, tmp_path: Path, old: str, new: str
) -> None:
    shutil.copytree(PROJECT_ROOT / "sql", tmp_path / "sql")
    file = tmp_path / "sql" / "wide_user" / "as_of_day.sql"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    day = begun.day(DAY_2)
    changed = measures_hash(StatementLibrary(tmp_path / "sql"), day, begun.table(day))
    assert changed != measures_hash(begun.library, day, begun.table(day))


def test_the_hash_of_the_sql_does_not_depend_on_the_experiments(bench: Bench) -> None:
    arms = tuple(Variation(id=f"var_{key}", key=key, name=key) for key in "012")
    three = gate(
        id="exp_0",
        key="a",
        variations=arms,
        phases=(a_phase("2024-03-01T00:00", weights=(0.4, 0.3, 0.3)),),
    )
    hashes = set()
    for experiments in ((gate(),), (three,), (three, gate())):
        bench.experiments = experiments
        day = bench.day(DAY_1)
        hashes.add(measures_hash(bench.library, day, bench.table(day)))
    assert len(hashes) == 1


def test_an_experiment_that_joins_leaves_the_path_of_the_others_alone(begun: Bench) -> None:
    arms = tuple(Variation(id=f"var_{key}", key=key, name=key) for key in "012")
    phase = a_phase("2024-03-02T00:00", weights=(0.4, 0.3, 0.3))
    begun.experiments = (
        gate(),
        gate(id="exp_0", key="a_new_one", variations=arms, phases=(phase,)),
    )
    begun.load(exposed("u", "2", "03-02 10:00", experiment="a_new_one"))
    assert begun.make(DAY_2) == {"a_new_one": "the phase begins on this day", "gate": ""}
    assert begun.unit(DAY_2, "u")["visits"] == 2.0
    assert begun.unit(DAY_2, "u", "exp_0")["visits"] == 1.0
    check_same_in_full(begun, DAY_2)


def test_the_rows_of_the_phase_before_are_not_built_on(begun: Bench) -> None:
    border = utc("2024-03-02T00:00")
    phases = (a_phase("2024-03-01T00:00", ended_at=border), a_phase("2024-03-02T00:00", index=1))
    begun.experiments = (gate(phases=phases),)
    begun.load(exposed("u", "1", "03-02 10:00"))
    assert begun.make(DAY_2) == {"gate": "the phase begins on this day"}
    assert begun.unit(DAY_2, "u")["variation_key"] == "1"
    assert begun.make(DAY_3) == {"gate": ""}
    assert begun.unit(DAY_3, "u")["visits"] == 1.0


def test_a_partition_made_before_its_day_had_ended_is_never_built_on(bench: Bench) -> None:
    bench.experiments = (gate("2100-03-01T00:00"),)
    bench.load(exposed("u", "0", "2100-03-01 10:00"))
    bench.make(date(2100, 3, 1))
    assert bench.unit(date(2100, 3, 1), "u")["day_closed"] is False
    reason = "yesterday's partition was made before its day had ended"
    assert bench.make(date(2100, 3, 2)) == {"gate": reason}


def test_the_largest_and_smallest_of_days_merge_around_days_without_any(bench: Bench) -> None:
    bench.module = a_module(LEAN, ["visits", "largest", "smallest"])
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        visit("u", "03-01 11:00"),
        pay("u", "03-02 11:00", -2),
        visit("u", "03-03 11:00"),
        pay("u", "03-04 11:00", -5),
        pay("u", "03-05 11:00", 3),
    )
    found = []
    for number in range(1, 6):
        day = date(2024, 3, number)
        bench.make(day)
        row = bench.unit(day, "u")
        found.append((row["largest"], row["smallest"]))
    assert found == [(None, None), (-2.0, -2.0), (-2.0, -2.0), (-2.0, -5.0), (3.0, -5.0)]
    check_same_in_full(bench, date(2024, 3, 5))


def test_active_days_add_up_day_by_day(bench: Bench) -> None:
    metrics = {"week": {"type": "mean", "column": "active_days", "window": {"days": 7}}}
    bench.module = a_module(metrics, ["active_days"])
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        *(visit("u", f"03-0{day} {hour}:00") for day in (1, 3, 4) for hour in (11, 12)),
    )
    found = []
    for number in range(1, 5):
        day = date(2024, 3, number)
        bench.make(day)
        row = bench.unit(day, "u")
        found.append((row["active_days"], row["active_days_within_7d"]))
    assert found == [(1.0, 1.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]


def test_a_unit_that_is_new_today_brings_its_covariate(begun: Bench) -> None:
    begun.module = a_module(
        {"visits": {"type": "mean", "column": "visits", "cuped": {"days": 2}}}, ["visits"]
    )
    begun.load(
        exposed("new", "1", "03-02 10:00"),
        visit("new", "02-29 09:59"),
        visit("new", "02-29 10:00"),
        visit("new", "03-02 09:59"),
        visit("u", "02-29 12:00"),
    )
    begun.make(DAY_1)
    assert begun.make(DAY_2) == {"gate": ""}
    covariates = dict(begun.wide(DAY_2).select("user_id", "visits_before_2d").rows())
    assert covariates == {"new": 2.0, "u": 1.0}
    check_same_in_full(begun, DAY_2)
