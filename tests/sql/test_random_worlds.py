"""SQL against the oracle, and the incremental path against the full one, over random worlds."""

from collections import Counter
from datetime import timedelta
from itertools import combinations_with_replacement
from random import Random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ab_assets.analysis.branches import branches_of
from ab_assets.analysis.statistics_query import StatisticsQuery
from ab_assets.experiments import phase_in_force
from ab_assets.modules.model import Metric
from tests.sql.bench import Bench, raw_sums
from tests.sql.oracle import Answer, Look, Sums, answer
from tests.sql.worlds import World, a_world

MADE = ["sql_hash", "config_hash"]


def settle(bench: Bench, world: World) -> None:
    bench.zone, bench.module, bench.experiments = world.zone, world.module, world.experiments


@pytest.mark.parametrize("seed", range(6))
def test_the_sums_are_what_the_rules_say(bench: Bench, seed: int) -> None:
    world = a_world(seed)
    settle(bench, world)
    bench.load(*world.exposures, *world.events)
    for day in world.days[seed % 2 :: 2]:
        if not bench.day(day).experiments:
            continue
        query, frame = bench.full(day).sums(day)
        for item in bench.day(day).experiments:
            phase = phase_in_force(item.experiment, day, world.zone)
            assert phase is not None
            look = Look(item.experiment, phase, day, world.zone)
            expected = answer(
                look, item.metrics, world.module.dimensions, world.exposures, world.events
            )
            own = frame.filter(pl.col("experiment_id") == item.experiment.id)
            assert units_of(own) == (expected.units, expected.crossovers)
            for name, metric in item.metrics.items():
                check_metric(name, metric, query, own, expected)


@pytest.mark.parametrize("seed", range(3))
def test_all_events_of_a_unit_are_counted_as_the_rules_say(bench: Bench, seed: int) -> None:
    world = a_world(seed)
    settle(bench, world)
    bench.load(*world.exposures, *world.events)
    for day in world.days:
        bench.make(day)
    day = world.days[-1]
    longest = max(item.scope.days for item in bench.day(day).measures)
    wide = {(row["experiment_id"], row["user_id"]): row for row in bench.wide(day).to_dicts()}
    for item in bench.day(day).experiments:
        look = Look(item.experiment, item.phase, day, world.zone)
        for user, unit in look.units(world.exposures).items():
            row = wide.pop((item.experiment.id, user))
            assert row["events_after_exposure"] == look.events_after(unit, world.events)
            if longest:
                before = look.events_before(unit, longest, world.events)
                assert row["events_before_exposure"] == before
    assert not wide


def units_of(frame: pl.DataFrame) -> tuple[Counter[object], Counter[object]]:
    units: Counter[object] = Counter()
    crossovers: Counter[object] = Counter()
    for row in frame.iter_rows(named=True):
        segment = (row["dimension"], row["dimension_value"])
        if row["is_crossover"]:
            crossovers[segment] += row["units"]
        else:
            units[(*segment, row["variation_key"])] += row["units"]
    return units, crossovers


def check_metric(
    name: str, metric: Metric, query: StatisticsQuery, frame: pl.DataFrame, expected: Answer
) -> None:
    placed = query.plan.of_metric[metric]
    for row in frame.filter(~pl.col("is_crossover")).iter_rows(named=True):
        key = (name, row["dimension"], row["dimension_value"], row["variation_key"])
        n, totals = raw_sums(query, metric, row)
        sums = expected.sums.get(key, Sums())
        assert n == len(sums.numbers), key
        if n == 0:
            continue
        shifts = [row[f"shift_{place}"] for place in placed.positions]
        for i, j in combinations_with_replacement(range(len(totals)), 2):
            assert totals[i] == pytest.approx(sums.total(i), rel=1e-9, abs=1e-9), key
            low, high = sorted((placed.positions[i], placed.positions[j]))
            product = sums.product((i, j), (shifts[i], shifts[j]))
            assert row[f"product_{low}_{high}"] == pytest.approx(product, rel=1e-9, abs=1e-9), key
        for place, cap in zip(placed.outcomes, sums.caps, strict=True):
            column = query.cap_of[place]
            found = None if column is None else row[f"cap_{column}"]
            assert found == (None if cap is None else pytest.approx(cap, rel=1e-9)), key


@pytest.mark.parametrize("seed", range(100, 103))
def test_the_incremental_path_gives_the_same_table_as_the_full_one(bench: Bench, seed: int) -> None:
    world = a_world(seed)
    settle(bench, world)
    bench.load(*world.exposures, *world.events)
    paths = []
    made = {}
    for day in world.days:
        if bench.day(day).experiments:
            paths += bench.make(day).values()
            made[day] = bench.wide(day)
    assert "" in paths
    for day, incremental in made.items():
        full = bench.full(day).wide(day)
        assert_same(incremental, full)


@pytest.mark.parametrize("seed", [200])
def test_days_may_be_made_in_any_order_and_any_number_of_times(bench: Bench, seed: int) -> None:
    world = a_world(seed)
    settle(bench, world)
    bench.load(*world.exposures, *world.events)
    random = Random(seed)  # noqa: S311
    days = [day for day in world.days if bench.day(day).experiments]
    for day in random.choices(days, k=2) + random.sample(days, len(days)):
        bench.make(day)
    made = {day: bench.wide(day) for day in days}
    for day, once in made.items():
        assert_same(once, bench.full(day).wide(day))


@pytest.mark.parametrize("seed", [301])
def test_rows_that_arrive_late_are_in_the_table_once_their_days_are_made_again(
    bench: Bench, seed: int
) -> None:
    world = a_world(seed)
    settle(bench, world)
    random = Random(seed)  # noqa: S311
    late = [row for row in (*world.exposures, *world.events) if random.random() < 0.15]
    bench.load(*(row for row in (*world.exposures, *world.events) if row not in late))
    days = [day for day in world.days if bench.day(day).experiments]
    for day in days:
        bench.make(day)
    bench.load(*late)
    for day in days:
        bench.make(day)
    made = {day: bench.wide(day) for day in days}
    for day, twice in made.items():
        assert_same(twice, bench.full(day).wide(day))


def test_the_worlds_hold_what_they_are_for() -> None:
    worlds = [a_world(seed) for seed in (*range(12), *range(100, 103))]
    assert {world.zone.key for world in worlds} >= {"UTC", "Asia/Shanghai", "America/New_York"}
    assert {len(item.phases) for world in worlds for item in world.experiments} == {1, 2}
    keys = {exposure.key for world in worlds for exposure in world.exposures}
    assert keys >= {"0", "1", "2", "unknown", ""}
    exposed_at = {(row.user, row.at) for world in worlds for row in world.exposures}
    assert any((row.user, row.at) in exposed_at for world in worlds for row in world.events)
    assert all(world.days[-1] - world.days[0] >= timedelta(days=3) for world in worlds)


def test_the_worlds_go_over_days_in_every_way(bench: Bench) -> None:
    found = set()
    for seed in range(6):
        world = a_world(seed)
        settle(bench, world)
        for branch in branches_of(bench.day(world.days[-1]).measures, is_incremental=False):
            found.add("summed by day" if branch.by_day else "summed at once")
            if branch.days_when:
                found.add("counted")
    assert found == {"summed by day", "summed at once", "counted"}


def assert_same(one: pl.DataFrame, other: pl.DataFrame) -> None:
    assert_frame_equal(one, other, rel_tol=1e-9, abs_tol=1e-9)
