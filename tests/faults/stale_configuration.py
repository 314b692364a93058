"""An old answer of GrowthBook that comes again after a newer one.

What belongs here: replayed snapshots. What does not: snapshots that cannot be read.
"""

from pathlib import Path

from tests.faults.forked import ForkServer
from tests.faults.partitions import check_equal, read_contents
from tests.faults.states import make, run_arguments
from tests.faults.tally import Tally
from tests.growthbook.payloads import a_phase_payload, a_split
from tests.small_world import FIRST, World, basket, broken_split, build_world, streak

_OLD, _NEW = (0.5, 0.5), (0.6, 0.4)


def replay(server: ForkServer, times: int, days: int, folder: Path) -> Tally:
    """Makes all days of the old answer again and again, and each time of the new one after it.

    With the new answer everything is as where the old one came but once, before it.
    """
    tally = Tally("old configuration replayed")
    right = build_world(folder / "right")
    _say(right, _OLD)
    make(server, right, ("growthbook", "pull"))
    _say(right, _NEW)
    make(server, right, run_arguments(1, days))
    expected = read_contents(right)
    world = build_world(folder / "world")
    for place in range(times + 1):
        _say(world, _OLD)
        make(server, world, run_arguments(1, days))
        tally.injected += place > 0
        weights = world.query("SELECT DISTINCT weight FROM ab.tbl_report_user_shop_shop ORDER BY 1")
        fits = weights["weight"].to_list() == sorted(set(_OLD))
        tally.expect(holds=fits, sentence=f"replay {place} has the weights {weights}")
        _say(world, _NEW)
        make(server, world, run_arguments(1, days))
        check_equal(read_contents(world), expected, tally, f"after replay {place}")
    return tally


def _say(world: World, split: tuple[float, float]) -> None:
    phase = a_phase_payload(
        dateStarted=f"{FIRST}T00:00:00.000Z", seed="one", trafficSplit=a_split(*split)
    )
    world.say(streak(), broken_split(), basket() | {"phases": [phase]})
