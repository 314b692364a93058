"""The demo's company as a command finds it: 40,000 users, five tags.

What belongs here: its files, loaded, and a day of each tag made for the first time or of the day
before. What does not: the company (:mod:`ab_assets.demo`).
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ab_assets.demo import build_company
from ab_assets.settings import PROJECT_ROOT
from tests.faults.forked import Command, ForkServer
from tests.faults.states import State, prepare
from tests.small_world import World

TAGS = ("ads", "chat_entry", "recharge", "retention", "subscribe")


@dataclass(frozen=True)
class DemoWorld(World):
    """The demo's folder; ``first_day`` is its first partition."""

    first_day: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"AB_START_DATE": self.first_day}

    @property
    def modules(self) -> Path:
        return PROJECT_ROOT / "sql" / "modules"


def demo_states(server: ForkServer, folder: Path) -> list[State]:
    """For each tag: the day before the last made of the source rows, and the last day of it."""
    company = build_company()
    root = folder / "world"
    root.mkdir(parents=True)
    world = DemoWorld(root, company.first_day.isoformat())
    world.snapshot.write_text(json.dumps(company.growthbook), encoding="utf-8")
    for name, rows in (("exposures", company.exposures), ("events", company.events)):
        file = root / f"{name}.parquet"
        rows.write_parquet(file)
        command = Command(("load", name, str(file)), world.environment, folder / "load")
        assert server.run(command) == 0, command.errors
    days = (company.last_day - timedelta(days=1), company.last_day)
    states = []
    for tag in TAGS:
        found: World = world
        for number, when in enumerate(days):
            name = f"demo's {tag}, {('first day', 'next day')[number]}"
            arguments = ("run", "--tag", tag, "--date", when.isoformat())
            place = folder / f"{tag}_{number}"
            states.append(prepare(server, place, name, found, arguments, sources=False))
            found = states[-1].made
    return states
