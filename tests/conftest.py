"""How the suite is run: the longest files first, and without the tracer where it learns nothing.

Coverage makes Python half as slow again. The files below go through what other tests go through
line by line, over larger worlds and more of them: they run in full, untraced.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
UNTRACED = (
    "assets/test_reproducibility.py",
    "cli/test_cookie_cats.py",
    "demo/test_end_to_end.py",
    "deploy",
    "docs",
    "faults",
    "health/test_false_alarms.py",
    "hostile",
    "metabase/test_cards.py",
    "sql/test_golden.py",
    "sql/test_random_worlds.py",
    "starrocks",
    "test_layers.py",
    "warehouse/starrocks/test_parity.py",
    "warehouse/starrocks/test_pipeline.py",
)
# A file is one worker's: one that takes a minute and comes last leaves the other idle.
LONG = (
    "demo/test_end_to_end.py",
    "starrocks/test_pipeline_over_the_wire.py",
    "cli/test_cookie_cats.py",
    "cli/test_run_command.py",
    "warehouse/starrocks/test_pipeline.py",
    "sql/test_random_worlds.py",
    "metabase/test_cards.py",
    "hostile/test_loads.py",
)


def place_of(path: Path) -> int:
    """Where a file comes: the long ones first, the others as they were."""
    long = [TESTS / name for name in LONG]
    return long.index(path) if path in long else len(long)


def is_untraced(path: Path) -> bool:
    """Whether a file, or a folder it is in, is one of those above."""
    return any(path.is_relative_to(TESTS / name) for name in UNTRACED)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: place_of(item.path))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    tracer = getattr(item.config.pluginmanager.get_plugin("_cov"), "cov_controller", None)
    if tracer is None or not is_untraced(item.path):
        return (yield)
    tracer.pause()
    try:
        return (yield)
    finally:
        tracer.resume()
