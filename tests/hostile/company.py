"""A company whose every name is hostile: keys, names, variations, phases, dimension values, users.

What belongs here: the world, and what of it has to come out. What does not: the doors it comes out
of.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from tests.growthbook.payloads import a_phase_payload, a_split
from tests.hostile.corpus import EXAMPLES, TEXTS, TWINS, USUAL_EXAMPLES
from tests.small_world import (
    FIRST,
    World,
    an_exposure,
    experiment,
    midnight,
)

_MODULE = """
module: habits
title: {title}
description: {title}
owners: ["team:growth"]
tags: [habit]
dimensions: [platform]
columns:
  visits: "count_if(event_name = {event})"
metrics:
  visits_per_user:
    type: mean
    column: visits
    role: goal
    title: {title}
    description: {title}
    unit: {unit}
    minimum_sample: 1
  by_name: {{type: proportion, column: visits, title: {other}}}
"""
TITLE = "[/] <b>|`*\u202e\x1b[31m\n@all {{x}} %s"
OTHER = "=1+1 \\ ' \" --"
UNIT = "[/]\x1b[31m|<i>"
EVENT = "vi'sit\\ [/] :name %s {{x}} é"


@dataclass(frozen=True)
class Names:
    """The texts of one experiment."""

    key: str
    name: str
    arms: tuple[str, str]
    arm_names: tuple[str, str]
    phase: str
    users: tuple[tuple[str, str], ...]  # each with its platform


def all_names() -> list[Names]:
    """Every text of the corpus as a user and a platform; some of them, by hand all, as names."""
    everything = [text for text in TEXTS if text.strip()]
    chosen = everything if EXAMPLES > USUAL_EXAMPLES else everything[::6]
    starts = range(0, len(chosen), 5)
    share = -(-len(everything) // len(starts))
    rows = []
    for number, start in enumerate(starts):
        key, name, one, other, phase = (chosen[start:] + chosen)[:5]
        own = (everything[number * share :] + everything)[: max(share, 6)]
        users = tuple(zip(own, reversed(own), strict=True))
        rows.append(Names(key, name, (one, other), (other, one), phase, users))
    for number, (one, other) in enumerate(TWINS[:: 1 if chosen is everything else 4]):
        users = tuple((f"{one}{place}", other) for place in range(6))
        rows.append(Names(f"twins {number}", "twins", (one, other), (one, other), one, users))
    return rows


def literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def build_company(folder: Path) -> World:
    """The world with its files written and loaded."""
    world = World(folder)
    (world.modules / "habits").mkdir(parents=True)
    text = _MODULE.format(
        title=json.dumps(TITLE),
        other=json.dumps(OTHER),
        unit=json.dumps(UNIT),
        event=json.dumps(literal(EVENT))[1:-1],
    )
    (world.modules / "habits" / "module.yaml").write_text(text, encoding="utf-8")
    names = all_names()
    world.say(*map(_experiment, range(len(names)), names))
    world._load("exposures", _exposures(names), "exposures")
    world._load("events", _events(names), "events")
    return world


def _experiment(number: int, names: Names) -> dict[str, object]:
    variations = [
        {"variationId": f"v{arm}", "key": names.arms[arm], "name": names.arm_names[arm]}
        for arm in (0, 1)
    ]
    phase = a_phase_payload(
        name=names.phase,
        dateStarted=f"{FIRST.isoformat()}T00:00:00.000Z",
        seed=names.name,
        trafficSplit=a_split(0.5, 0.5, ids=("v0", "v1")),
    )
    return experiment(
        f"e{number}",
        "habit",
        trackingKey=names.key,
        name=names.name,
        description=names.name,
        hypothesis=names.name,
        variations=variations,
        phases=[phase],
    )


def _exposures(names: list[Names]) -> pl.DataFrame:
    rows = [
        an_exposure(user, arm, one.key, midnight(FIRST) + timedelta(hours=1))
        | {"platform": platform}
        for one in names
        for place, (user, platform) in enumerate(one.users)
        for arm in [one.arms[place % 2]]
    ]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("exposed_at").dt.replace_time_zone(None),
        pl.col("country", "app_version", "channel").cast(pl.String),
    )


def _events(names: list[Names]) -> pl.DataFrame:
    at = (midnight(FIRST) + timedelta(hours=2)).replace(tzinfo=None)
    users = sorted({user for one in names for user, _ in one.users})
    return pl.DataFrame(
        {
            "event_name": [EVENT] * len(users),
            "user_id": users,
            "event_time": [at] * len(users),
            "value": pl.Series([0.5] * len(users), dtype=pl.Float64),
        }
    )
