"""``ab-assets load``, killed again and again until it gets to its end.

What belongs here: loads into the embedded warehouse. What does not: Stream Load (tests/warehouse).
"""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from tests.faults.boundaries import Stop
from tests.faults.forked import KILLED, ForkServer
from tests.faults.partitions import Contents
from tests.faults.states import State, prepare
from tests.faults.tally import Tally
from tests.small_world import build_world


def loading(server: ForkServer, folder: Path) -> State:
    """Two files are to be loaded; a row of each cannot be read and has to be put aside, once."""
    world = build_world(folder / "world")
    names = []
    for part in range(2):
        file = world.root / f"more_{part}.parquet"
        rows = pl.read_parquet(world.root / "exposures.parquet").with_columns(
            pl.col("user_id").str.replace("u", f"part{part}_")
        )
        broken = rows.head(1).with_columns(pl.lit(None, pl.String).alias("user_id"))
        pl.concat([rows, broken]).write_parquet(file)
        names.append(str(file))
    return prepare(server, folder, "load", world, ("load", "exposures", *names))


def kill_loads(server: ForkServer, state: State, stops: Iterable[Stop], folder: Path) -> Tally:
    """Kills the load at each moment and loads again: every row is there once."""
    tally = Tally("load killed")
    for stop in stops:
        world = state.copy_to(folder / "killed")
        code = server.run(state.command(world, folder / "told", stop))
        where = f"{stop.side} {stop.statement} ({state.statements[stop.statement - 1][:50]})"
        tally.expect(holds=code in KILLED, sentence=f"{where}: ended with {code}")
        tally.injected += 1
        _check_ledger(state.read(world), tally, where)
        state.complete(server, world, tally, where)
        state.complete(server, world, tally, f"{where}, loaded once more")
    return tally


def _check_ledger(now: Contents, tally: Tally, where: str) -> None:
    """A file is loaded as a whole, with its rejects and its entry, or not at all."""
    loads = now.others["ab_source.loads"].filter(pl.col("target") == "exposures")
    for name, column in (("exposures", "rows_loaded"), ("rejected", "rows_rejected")):
        found = [now.others[f"ab_source.{name}"].height, loads[column].sum()]
        sentence = f"{where}: {name} has {found[0]} rows, the ledger says {found[1]}"
        tally.expect(holds=found[0] == found[1], sentence=sentence)
    twice = loads["load_label"].is_duplicated().any()
    tally.expect(holds=not twice, sentence=f"{where}: a file is in the ledger twice")
