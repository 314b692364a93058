"""The demo, as a new user runs it: everything is made, and every fact is decided as planted."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from ab_assets.cli.application import run_application
from ab_assets.settings import read_settings

SET_BY_THE_DEMO = (
    "AB_WAREHOUSE_URL",
    "AB_START_DATE",
    "AB_TIMEZONE",
    "AB_MODULES_DIR",
    "AB_WIDE_KEEP_DAYS",
    "GROWTHBOOK_SNAPSHOT",
    "DAGSTER_HOME",
)


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        for name in SET_BY_THE_DEMO:
            patch.setenv(name, "")  # so that what the demo sets is taken back afterwards
            patch.delenv(name)
        code = run_application(["demo", "--folder", str(folder)])
        yield folder, code


def test_every_planted_fact_is_decided_as_planted(demo_folder: tuple[Path, int]) -> None:
    _, code = demo_folder
    assert code == 0


def test_its_environment_file_leads_other_commands_to_its_warehouse(
    demo_folder: tuple[Path, int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, _ = demo_folder
    lines = (folder / "environment").read_text(encoding="utf-8").splitlines()
    for line in lines:
        name, _, value = line.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, *shlex.split(value))
    assert str(folder) in read_settings().warehouse_url.get_secret_value()
    assert run_application(["report", "--tag", "subscribe", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    mismatched = [row for row in rows if row["experiment_key"] == "subscribe_trial_length"]
    assert {row["trust"] for row in mismatched if not row["is_control"]} == {
        "sample-ratio mismatch"
    }
    assert all(row["srm_p_value"] < 1e-6 for row in mismatched)
