"""How many users a minute one core replays, beside GrowthBook's own SDK user by user.

What belongs here: the same users and phase through both, compared and timed. What does not:
correctness beyond that one phase (``tests/replay``).

    python bench/replay.py

Times are CPU seconds (the least of several runs), so that a busy machine says the same.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from growthbook import Experiment, GrowthBook

from ab_assets.replay import ReplayPhase, hold_against, namespace_filter, replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

USERS, LOOPED, RUNS = 2_000_000, 20_000, 5
SEED, WEIGHTS, COVERAGE = "7d1f6c3a-onboarding", (0.4, 0.3, 0.3), 0.8
NAMESPACE = ("checkout", 0.1, 0.9)
KEYS = ("0", "1", "2")


def columns() -> dict[str, pl.Series]:
    """User ids of the kinds people have."""
    rng = np.random.default_rng(1)
    numbers = rng.integers(0, 10**10, USERS)
    return {
        "numbers, up to 10 digits": pl.Series(numbers).cast(pl.String),
        "UUIDs, 36 characters": pl.Series(
            [str(uuid.UUID(bytes=rng.bytes(16))) for _ in range(USERS)]
        ),
        "not ASCII, 6 to 12 characters": "用户" + pl.Series(numbers).cast(pl.String),
    }


def a_phase(version: int, *, in_namespace: bool) -> ReplayPhase:
    return ReplayPhase(
        variations=KEYS,
        seed=SEED,
        hash_version=version,
        coverage=COVERAGE,
        weights=WEIGHTS,
        filters=(namespace_filter(*NAMESPACE),) if in_namespace else (),
    )


def by_sdk(ids: list[str], version: int, *, in_namespace: bool) -> list[int]:
    """GrowthBook's SDK: one evaluation a user."""
    experiment = Experiment(
        key="onboarding",
        variations=[0, 1, 2],
        seed=SEED,
        hashVersion=version,
        coverage=COVERAGE,
        weights=list(WEIGHTS),
        namespace=NAMESPACE if in_namespace else None,
    )
    client = GrowthBook()
    found = []
    for user_id in ids:
        client.set_attributes({"id": user_id})
        result = client.run(experiment)
        found.append(result.variationId if result.inExperiment else -1)
    client.destroy()
    return found


def cpu_seconds(work: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def told(name: str, users: int, seconds: float) -> str:
    return f"{name:54}{users / seconds * 60 / 1e6:12,.1f}{seconds / users * 1e9:12,.0f}"


def logged(assigned: NDArray[np.int16]) -> pl.Series:
    keys = pl.Series(KEYS)
    return keys.gather(pl.Series(np.maximum(assigned, 0)))


def main() -> None:
    print(f"{USERS:,} users ({LOOPED:,} by the SDK), one core")
    print(f"{'':54}{'M users/min':>12}{'ns a user':>12}")
    for name, ids in columns().items():
        few = ids.head(LOOPED)
        for version, in_namespace in ((1, False), (2, False), (2, True)):
            phase = a_phase(version, in_namespace=in_namespace)
            plain = few.to_list()

            def sdk(
                plain: list[str] = plain, version: int = version, *, inside: bool = in_namespace
            ) -> list[int]:
                return by_sdk(plain, version, in_namespace=inside)

            def ours(ids: pl.Series = ids, phase: ReplayPhase = phase) -> NDArray[np.int16]:
                return replay(ids, phase)

            if replay(few, phase).tolist() != sdk():
                message = f"the SDK assigns {name} otherwise in version {version}"
                raise SystemExit(message)
            what = f"{name}, v{version}{', namespace' if in_namespace else ''}"
            print(told(what, USERS, cpu_seconds(ours, RUNS)))
            print(told("    GrowthBook's SDK", LOOPED, cpu_seconds(sdk, 2)))
        keys = logged(replay(ids, phase))
        seconds = cpu_seconds(lambda i=ids, k=keys, p=phase: hold_against(i, k, p), RUNS)
        print(told("    held against what was logged, counted by kind", USERS, seconds))


if __name__ == "__main__":
    main()
