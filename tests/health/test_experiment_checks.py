"""All checks of a tag over real tables, and their way into the health table and back."""

from datetime import date

import polars as pl
import pytest

from ab_assets.health.experiment_checks import check_experiments
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.table import findings_frame, read_findings
from ab_assets.replay import ReplayPhase, replay
from ab_assets.warehouse.schema import HEALTH_TABLE, fixed_table
from ab_assets.warehouse.statements import Statement
from tests.sql.bench import TAG, Bench, gate
from tests.sql.rows import exposed

DAY = date(2024, 3, 2)


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """20 units an arm, one crossover, one unit with an unknown key; the wide partition made."""
    for arm in "01":
        bench.load(*(exposed(f"{arm}-{number:02d}", arm, "03-01 10:00") for number in range(20)))
    bench.load(
        exposed("crossed", "0", "03-01 10:00"),
        exposed("crossed", "1", "03-01 11:00"),
        exposed("odd", "beta", "03-01 10:00"),
    )
    return bench.full(DAY)


def findings(bench: Bench) -> dict[tuple[str, Check], Finding]:
    day = bench.day(DAY)
    found = check_experiments(bench.warehouse, bench.library, day, bench.table(day))
    return {(finding.experiment_id, finding.check): finding for finding in found}


def conservation(bench: Bench) -> Finding:
    return findings(bench)["exp_1", Check.CONSERVATION]


def remove(bench: Bench, user: str) -> pl.DataFrame:
    rows = bench.wide(DAY).filter(pl.col("user_id") == user)
    table = bench.table(bench.day(DAY))
    bench.warehouse.execute(
        Statement("test", f"DELETE FROM ab.{table.name} WHERE user_id = :user", {"user": user})
    )
    return rows


def add(bench: Bench, rows: pl.DataFrame) -> None:
    bench.warehouse.append(bench.table(bench.day(DAY)), rows)


def test_a_healthy_experiment_passes_every_check_and_reports_unknown_keys(filled: Bench) -> None:
    found = findings(filled)
    bad = {check: finding.status for (_, check), finding in found.items()}
    assert bad.pop(Check.UNKNOWN_VARIATIONS) is Status.WARN
    assert bad == dict.fromkeys(set(Check) - {Check.UNKNOWN_VARIATIONS}, Status.PASS)
    assert {finding.distrust for finding in found.values()} == {""}


def test_a_lost_unit_is_caught(filled: Bench) -> None:
    remove(filled, "1-07")
    finding = conservation(filled)
    assert finding.status is Status.FAIL
    assert "41 units, the source 42" in finding.message
    assert "19 units of '1', the source 20" in finding.message


def test_a_lost_crossover_is_caught(filled: Bench) -> None:
    remove(filled, "crossed")
    assert "0 crossovers, the source 1" in conservation(filled).message


def test_a_doubled_unit_is_caught(filled: Bench) -> None:
    add(filled, filled.wide(DAY).filter(pl.col("user_id") == "0-03"))
    finding = conservation(filled)
    assert finding.status is Status.FAIL
    assert "43 units, the source 42" in finding.message
    assert "21 units of '0', the source 20" in finding.message


def test_a_doubled_unit_beside_a_lost_one_is_caught(filled: Bench) -> None:
    add(filled, filled.wide(DAY).filter(pl.col("user_id") == "0-03"))
    remove(filled, "0-04")
    assert conservation(filled).message.startswith(
        "the wide table has 1 repeated units, the source 0"
    )


def test_a_unit_in_the_wrong_variation_is_caught(filled: Bench) -> None:
    add(filled, remove(filled, "0-03").with_columns(variation_key=pl.lit("1")))
    assert "21 units of '1', the source 20" in conservation(filled).message


def test_an_exposure_the_wide_table_has_not_seen_is_caught(filled: Bench) -> None:
    filled.load(exposed("0-03", "0", "03-01 12:00"))
    assert "43 exposures, the source 44" in conservation(filled).message


def test_the_source_is_counted_within_the_phase(filled: Bench) -> None:
    filled.load(
        exposed("before", "0", "02-29 12:00"),
        exposed("after", "0", "03-03 00:00"),
        exposed("", "0", "03-01 12:00"),
        exposed("other", "0", "03-01 12:00", experiment="another"),
    )
    assert conservation(filled).status is Status.PASS


def test_each_experiment_has_its_own_findings(filled: Bench) -> None:
    filled.experiments = (gate(), gate(id="exp_2", key="lopsided"))
    filled.load(
        *(exposed(f"{number}", "0", "03-01 10:00", experiment="lopsided") for number in range(99))
    )
    found = findings(filled.full(DAY))
    assert len(found) == 2 * len(Check)
    assert found["exp_1", Check.SAMPLE_RATIO].status is Status.PASS
    assert found["exp_2", Check.SAMPLE_RATIO].status is Status.FAIL


def test_units_in_another_variation_than_their_hash_are_caught_in_their_own_experiment(
    bench: Bench,
) -> None:
    bench.experiments = (gate(), gate(id="exp_2", key="forced"))
    phase = ReplayPhase(variations=("0", "1"), seed="gate", weights=(0.5, 0.5))
    users = [f"u{number}" for number in range(60)]
    for user, arm in zip(users, replay(users, phase).tolist(), strict=True):
        bench.load(exposed(user, str(arm), "03-02 10:00"))
        bench.load(exposed(user, str(1 - arm), "03-02 10:00", experiment="forced"))
    bench.make_experiment_data(DAY)
    found = findings(bench.full(DAY))
    assert found["exp_1", Check.REPLAY].status is Status.PASS
    forced = found["exp_2", Check.REPLAY]
    assert (forced.status, forced.value) == (Status.FAIL, 1.0)
    assert forced.distrust == "units are not in the variation they hash to"


def test_an_experiment_nobody_saw_has_its_findings(bench: Bench) -> None:
    found = findings(bench.full(DAY))
    bad = [check for (_, check), finding in found.items() if finding.status is not Status.PASS]
    assert bad == [Check.ENROLMENT]
    assert len(found) == len(Check)


def test_a_tag_without_an_experiment_in_force_has_no_findings(bench: Bench) -> None:
    bench.experiments = ()
    assert findings(bench) == {}


def test_findings_come_back_from_the_table_as_they_went_in_and_in_order(filled: Bench) -> None:
    filled.experiments = (gate(), gate(id="exp_0", key="zzz", type="multi-armed-bandit"))
    filled.full(DAY)
    day = filled.day(DAY)
    found = check_experiments(filled.warehouse, filled.library, day, filled.table(day))
    table = fixed_table(HEALTH_TABLE)
    filled.warehouse.ensure(table)
    frame = findings_frame(day, found, "run").sort("message")
    filled.warehouse.overwrite_rows(table, {"tag": TAG, "event_date": DAY}, frame)
    assert read_findings(filled.warehouse, filled.library, day) == found
    assert [finding.experiment_id for finding in found] == ["exp_1"] * len(Check) + ["exp_0"] * len(
        Check
    )


def test_a_row_of_the_health_table_says_whose_it_is(filled: Bench) -> None:
    day = filled.day(DAY)
    found = check_experiments(filled.warehouse, filled.library, day, filled.table(day))
    row = findings_frame(day, found, "run-1").row(0, named=True)
    assert {
        name: row[name] for name in ("tag", "event_date", "module", "experiment_key", "run_id")
    } == {
        "tag": TAG,
        "event_date": DAY,
        "module": "retention",
        "experiment_key": "gate",
        "run_id": "run-1",
    }
    assert (row["dimension"], row["dimension_value"], row["phase_index"]) == ("", "", 0)
