"""Worlds that several tests read and none changes."""

from pathlib import Path

import pytest

from tests.reporting.seeded import Seeded, build


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    return build(Path(tmp_path_factory.mktemp("seeded")))
