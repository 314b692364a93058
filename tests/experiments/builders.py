"""Small experiments for tests: only what a test is about has to be named."""

from datetime import UTC, datetime

from ab_assets.experiments import Experiment, Phase, Variation


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_phase(started: str = "2026-10-01T00:00", **changes: object) -> Phase:
    values: dict[str, object] = {
        "index": 0,
        "name": "Main",
        "started_at": utc(started),
        "weights": (0.5, 0.5),
        "seed": "gate",
    }
    return Phase(**(values | changes))


def an_experiment(**changes: object) -> Experiment:
    values: dict[str, object] = {
        "id": "exp_1",
        "key": "gate",
        "name": "Gate",
        "status": "running",
        "variations": (
            Variation(id="var_0", key="0", name="Control"),
            Variation(id="var_1", key="1", name="Treatment"),
        ),
        "phases": (a_phase(),),
        "tags": ("retention",),
    }
    return Experiment(**(values | changes))
