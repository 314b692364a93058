from collections.abc import Callable, Iterator

import pytest

from ab_assets.cli.application import run_application
from tests.metabase.server import KEY, Metabase, serving
from tests.small_world import clear_environment

Apply = Callable[..., int]


@pytest.fixture
def metabase() -> Iterator[Metabase]:
    with serving(Metabase()) as server:
        yield server


@pytest.fixture
def apply(metabase: Metabase, monkeypatch: pytest.MonkeyPatch) -> Apply:
    clear_environment(monkeypatch)
    for name in ("API_KEY", "USER", "PASSWORD", "WAREHOUSE_USER", "WAREHOUSE_PASSWORD"):
        monkeypatch.delenv(f"METABASE_{name}", raising=False)
    monkeypatch.setenv("METABASE_URL", metabase.url)
    monkeypatch.setenv("METABASE_API_KEY", KEY)
    monkeypatch.setenv("METABASE_WAREHOUSE_USER", "ab_reader")
    monkeypatch.setenv("METABASE_WAREHOUSE_PASSWORD", "reader's secret")
    monkeypatch.setenv("AB_WAREHOUSE_URL", "starrocks://ab_writer:writers@starrocks:9030/ab")

    def run(*arguments: str) -> int:
        return run_application(["metabase", "apply", *arguments])

    return run
