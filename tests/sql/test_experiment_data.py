"""``experiment_data``: who was exposed on a day, with the configuration in force."""

from datetime import date
from zoneinfo import ZoneInfo

import polars as pl

from ab_assets.experiments import Variation, config_hash
from ab_assets.modules.model import Module
from ab_assets.warehouse.statements import Statement
from tests.experiments.builders import a_phase, utc
from tests.sql.bench import TAG, Bench, gate
from tests.sql.rows import exposed

DAY_1, DAY_2 = date(2024, 3, 1), date(2024, 3, 2)


def rows_of(bench: Bench, day: date) -> pl.DataFrame:
    bench.make_experiment_data(day)
    statement = Statement(
        "test",
        "SELECT * FROM ab.experiment_data WHERE tag = :tag AND event_date = :event_date",
        {"tag": TAG, "event_date": day},
    )
    return bench.warehouse.fetch(statement).sort("experiment_id", "user_id", "variation_key")


def test_a_partition_holds_the_units_exposed_that_day_and_no_others(bench: Bench) -> None:
    bench.load(
        exposed("before", "0", "03-01 23:59:59.999999"),
        exposed("first", "0", "03-02 00:00"),
        exposed("last", "0", "03-02 23:59:59.999999"),
        exposed("after", "0", "03-03 00:00"),
    )
    assert rows_of(bench, DAY_2)["user_id"].to_list() == ["first", "last"]


def test_the_day_is_one_of_the_business_time_zone(bench: Bench) -> None:
    bench.zone = ZoneInfo("Asia/Shanghai")
    bench.load(exposed("in", "0", "03-01 16:00"), exposed("out", "0", "03-02 16:00"))
    assert rows_of(bench, DAY_2)["user_id"].to_list() == ["in"]


def test_a_phase_bounds_its_first_and_its_last_day(bench: Bench) -> None:
    bench.experiments = (gate("2024-03-01T10:00", ended="2024-03-01T12:00"),)
    bench.load(
        *(
            exposed(when, "0", f"03-01 {when}")
            for when in ("09:59:59.999999", "10:00", "12:00", "12:00:00.000001")
        )
    )
    assert rows_of(bench, DAY_1)["user_id"].to_list() == ["10:00", "12:00"]


def test_each_key_a_unit_saw_is_a_row_with_its_first_time_and_its_count(bench: Bench) -> None:
    bench.load(
        exposed("u", "0", "03-01 11:00"),
        exposed("u", "0", "03-01 10:00", country="DE"),
        exposed("u", "1", "03-01 12:00", country="FR"),
        exposed("u", "beta", "03-01 09:00"),
    )
    rows = rows_of(bench, DAY_1)
    columns = ["variation_key", "is_known", "exposures", "country"]
    assert rows.select(columns).rows() == [
        ("0", True, 2, "DE"),
        ("1", True, 1, "FR"),
        ("beta", False, 1, None),
    ]
    assert [moment.hour for moment in rows["first_exposed_at"]] == [10, 12, 9]


def test_a_row_carries_the_configuration_of_the_phase_in_force(bench: Bench) -> None:
    ended = utc("2024-03-01T20:00")
    phase = a_phase(
        "2024-03-01T00:00",
        name="Ramp",
        index=2,
        ended_at=ended,
        weights=(0.9, 0.1),
        coverage=0.5,
        reseeded=True,
    )
    (experiment,) = bench.experiments = (gate(phases=(phase,), name="The gate"),)
    bench.load(exposed("u", "1", "03-01 10:00"))
    row = rows_of(bench, DAY_1).row(0, named=True)
    assert {name: row[name] for name in row if name not in {"first_exposed_at", "exposures"}} == {
        "tag": "retention",
        "event_date": DAY_1,
        "experiment_id": "exp_1",
        "experiment_key": "gate",
        "experiment_name": "The gate",
        "user_id": "u",
        "variation_key": "1",
        "variation_id": "var_1",
        "variation_name": "Treatment",
        "weight": 0.1,
        "is_control": False,
        "is_known": True,
        "phase_index": 2,
        "phase_name": "Ramp",
        "phase_start": utc("2024-03-01T00:00").replace(tzinfo=None),
        "phase_end": ended.replace(tzinfo=None),
        "coverage": 0.5,
        "reseeded": True,
        "config_hash": config_hash(experiment, phase),
        **dict.fromkeys(("country", "platform", "app_version", "channel")),
    }


def test_a_phase_that_runs_has_no_end(bench: Bench) -> None:
    bench.load(exposed("u", "0", "03-01 10:00"))
    assert rows_of(bench, DAY_1)["phase_end"].to_list() == [None]


def test_the_control_is_the_first_variation_unless_the_module_names_another(bench: Bench) -> None:
    bench.load(exposed("a", "0", "03-01 10:00"), exposed("b", "1", "03-01 10:00"))
    assert rows_of(bench, DAY_1)["is_control"].to_list() == [True, False]
    bench.module = Module.model_validate(bench.module.model_dump() | {"control": "1"})
    assert rows_of(bench, DAY_1)["is_control"].to_list() == [False, True]
    bench.module = Module.model_validate(bench.module.model_dump() | {"control": "none such"})
    assert rows_of(bench, DAY_1)["is_control"].to_list() == [True, False]


def test_an_unknown_key_has_no_variation_and_is_no_control(bench: Bench) -> None:
    bench.load(exposed("u", "beta", "03-01 10:00"))
    row = rows_of(bench, DAY_1).row(0, named=True)
    assert [row[name] for name in ("variation_id", "variation_name", "weight")] == [None] * 3
    assert (row["is_control"], row["is_known"]) == (False, False)


def test_experiments_of_one_tag_are_kept_apart_even_where_their_keys_are_alike(
    bench: Bench,
) -> None:
    arms = tuple(Variation(id=f"other_{key}", key=key, name=f"Other {key}") for key in "01")
    bench.experiments = (gate(), gate(id="exp_2", key="other", variations=arms))
    bench.load(
        exposed("u", "0", "03-01 10:00"), exposed("u", "1", "03-01 10:00", experiment="other")
    )
    rows = rows_of(bench, DAY_1)
    assert rows.select("experiment_id", "variation_id").rows() == [
        ("exp_1", "var_0"),
        ("exp_2", "other_1"),
    ]


def test_two_experiments_with_one_tracking_key_both_see_its_exposures(bench: Bench) -> None:
    bench.experiments = (gate(), gate(id="exp_2"))
    bench.load(exposed("u", "0", "03-01 10:00"))
    assert rows_of(bench, DAY_1)["experiment_id"].to_list() == ["exp_1", "exp_2"]


def test_a_draft_or_an_archived_experiment_is_not_there(bench: Bench) -> None:
    bench.experiments = (
        gate(),
        gate(id="exp_2", status="draft"),
        gate(id="exp_3", archived=True),
        gate(id="exp_4", tags=("subscribe",)),
    )
    bench.load(exposed("u", "0", "03-01 10:00"))
    assert rows_of(bench, DAY_1)["experiment_id"].to_list() == ["exp_1"]


def test_making_a_partition_again_gives_the_same_rows(bench: Bench) -> None:
    bench.load(exposed("u", "0", "03-01 10:00"))
    assert rows_of(bench, DAY_1).equals(rows_of(bench, DAY_1))
