from collections.abc import Iterator

import duckdb
import pytest

from ab_assets.cli.project import OpenedProject, open_project
from ab_assets.planning.history import History, read_history
from tests.small_world import World
from tests.small_world_copies import made_world


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> World:
    return made_world(tmp_path_factory.mktemp("plans"), monkeypatch)


@pytest.fixture
def opened(made: World) -> OpenedProject:
    return open_project()


@pytest.fixture(scope="module")
def streak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """What the tag ``habit`` has shown, read once."""
    with pytest.MonkeyPatch.context() as patch:
        made_world(tmp_path_factory.mktemp("streak"), patch)
        yield history_of(open_project(), "habit")


def history_of(opened: OpenedProject, tag: str, experiment: str | None = None) -> History:
    project = opened.project
    return read_history(
        opened.warehouse,
        project.library,
        project.catalogue,
        project.settings.zone,
        tag,
        experiment=experiment,
    )


def tamper(made: World, text: str) -> None:
    """What no statement of ours may do."""
    with duckdb.connect() as connection:
        # Under another name: the file's schema is called like the file.
        connection.execute(f"ATTACH '{made.root / 'ab.duckdb'}' AS world; USE world")
        connection.execute(text)
