"""A clock that jumps ahead and back between runs, while GrowthBook's word changes.

What belongs here: business days that are met in any order, and snapshots that seem older than those
before them. What does not: time zones.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.faults.forked import ForkServer
from tests.faults.partitions import check_equal, read_contents
from tests.faults.states import TAG, make
from tests.faults.tally import Tally
from tests.small_world import World, basket, broken_split, build_world, day, midnight, streak


def jumps(days: int, more: int, seed: int) -> list[int]:
    """Days in any order, each at least once."""
    random = Random(seed)
    found = [*range(1, days + 1), *(random.randint(1, days) for _ in range(more))]
    random.shuffle(found)
    return found


def jump(server: ForkServer, order: Sequence[int], folder: Path) -> Tally:
    """Makes "yesterday" under a clock that jumps, then the days once more in their order.

    Before each run GrowthBook calls the experiment by another name. The last word counts, whatever
    the clock said when it was read.
    """
    tally = Tally("clock jumps between runs")
    world, right = build_world(folder / "jumped"), build_world(folder / "right")
    for place, number in enumerate(order):
        _say(world, place)
        told = _yesterday(server, world, number)
        tally.injected += 1
        is_made = f"{TAG} {day(number)}" in told
        tally.expect(holds=is_made, sentence=f"{day(number)} was not made: {told[-300:]}")
        names = world.query(
            f"SELECT DISTINCT experiment_name FROM ab.tbl_report_user_shop_shop "
            f"WHERE event_date = '{day(number)}'"
        )["experiment_name"].to_list()
        sentence = f"run {place}, of {day(number)}, has the names {names}"
        tally.expect(holds=names == [_name(place)], sentence=sentence)
    _say(right, len(order) - 1)
    for number in sorted(set(order)):
        _yesterday(server, world, number)
        _yesterday(server, right, number)
    now, expected = read_contents(world), read_contents(right)
    check_equal(now, expected, tally, "after all jumps", history=False)
    return tally


def _name(place: int) -> str:
    return f"Basket, word {place}"


def _say(world: World, place: int) -> None:
    world.say(streak(), broken_split(), basket(name=_name(place)))


def _yesterday(server: ForkServer, world: World, number: int) -> str:
    """``ab-assets run`` without a date, at noon of the day after."""
    noon = midnight(day(number + 1)) + timedelta(hours=12)
    return make(server, world, ("run", "--tag", TAG), noon).errors
