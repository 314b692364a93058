"""Practice data for docs/add-a-module.md: one experiment on a search box, beside the demo's.

Writes exposures.parquet, events.parquet and growthbook.json (the demo's experiments and this one)
into a folder: python docs/examples/search_practice.py data/practice
"""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from ab_assets.replay import ReplayPhase, replay
from ab_assets.settings import PROJECT_ROOT

KEY = "search_suggestions"
USERS, DAYS = 12_000, 14
SUCCESS, USE = (0.40, 0.46), 0.3  # shares of searches
START = datetime(2026, 1, 12)  # noqa: DTZ001 (the tables hold UTC without a zone)


def main(folder: Path) -> None:
    """Writes the three files."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(20260112)
    users = [f"s{number:07d}" for number in range(USERS)]
    arms = replay(users, ReplayPhase(variations=("0", "1"), seed=KEY))
    exposed = [START + timedelta(seconds=float(at)) for at in draw.uniform(0, DAYS * 86_400, USERS)]
    pl.DataFrame(
        {
            "user_id": users,
            "experiment_key": KEY,
            "variation_key": [str(arm) for arm in arms],
            "exposed_at": exposed,
            "country": draw.choice(["DE", "FR", "US"], USERS),
            "platform": draw.choice(["android", "ios"], USERS),
        }
    ).write_parquet(folder / "exposures.parquet")
    events: list[tuple[str, str, datetime, float]] = []
    for user, arm, since in zip(users, arms, exposed, strict=True):
        habit = draw.gamma(2.0, 0.15)  # searches a day
        for day in range(-14, DAYS):
            treated = bool(day >= 0 and arm == 1)
            for _ in range(draw.poisson(habit)):
                at = since + timedelta(days=day, seconds=float(draw.uniform(0, 86_400)))
                events.append((user, "search", at, draw.gamma(4, 60 * (1.03 if treated else 1))))
                if draw.random() < SUCCESS[treated]:
                    events.append((user, "search_click", at + timedelta(seconds=4), 1.0))
                if treated and draw.random() < USE:
                    events.append((user, "suggestion_click", at + timedelta(seconds=2), 1.0))
    end = START + timedelta(days=DAYS)
    pl.DataFrame(
        [event for event in events if event[2] < end],
        schema=["user_id", "event_name", "event_time", "value"],
        orient="row",
    ).write_parquet(folder / "events.parquet")
    answer = json.loads((PROJECT_ROOT / "data/demo/growthbook.json").read_text(encoding="utf-8"))
    answer["experiments"].append(experiment(answer["experiments"][0]))
    answer |= {name: len(answer["experiments"]) for name in ("count", "total")}
    (folder / "growthbook.json").write_text(json.dumps(answer, indent=1), encoding="utf-8")


def experiment(pattern: dict[str, object]) -> dict[str, object]:
    """What GrowthBook would say of the experiment, after one of the demo's."""
    arms = {"var_plain": ("0", "Plain box"), "var_suggestions": ("1", "Suggestions")}
    goals = ("search_success", "searches_per_user")
    return {
        **pattern,
        "id": "exp_search_suggestions",
        "trackingKey": KEY,
        "name": "Suggestions while typing",
        "tags": ["search"],
        "variations": [{"variationId": i, "key": k, "name": n} for i, (k, n) in arms.items()],
        "phases": [
            {
                "name": "Main",
                "dateStarted": f"{START.isoformat()}.000Z",
                "dateEnded": "",
                "seed": KEY,
                "coverage": 1.0,
                "trafficSplit": [{"variationId": name, "weight": 0.5} for name in arms],
                "targetingCondition": "{}",
            }
        ],
        "settings": {
            "goals": [{"metricId": f"fact__{name}"} for name in goals],
            "guardrails": [{"metricId": "fact__search_ms"}],
        },
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
