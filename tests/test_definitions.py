"""What Dagster sees. The snapshot changes on purpose only: AB_WRITE_GOLDEN=1 writes it anew."""

import difflib
import json
import os
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from pydantic import SecretStr

from ab_assets.definitions import build_defs
from ab_assets.errors import ConfigurationError
from ab_assets.project import read_project
from ab_assets.settings import PROJECT_ROOT, Settings
from tests.small_world import clear_environment

SNAPSHOT = PROJECT_ROOT / "tests" / "snapshots" / "definitions.json"
WRITE = os.environ.get("AB_WRITE_GOLDEN") == "1"
SOURCES = {dg.AssetKey(["source", "exposures"]), dg.AssetKey(["source", "events"])}
DASHBOARD = dg.AssetKey(["metabase", "dashboard"])


@pytest.fixture(scope="module")
def definitions() -> Iterator[dg.Definitions]:
    with pytest.MonkeyPatch.context() as patch:
        clear_environment(patch)
        yield build_defs(project=read_project(Settings(start_date=date(2026, 1, 1))))


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> AssetGraph:
    return definitions.resolve_asset_graph()


def _partitions(definition: dg.PartitionsDefinition | None) -> str:
    if isinstance(definition, dg.MultiPartitionsDefinition):
        return " × ".join(
            f"{item.name}: {_partitions(item.partitions_def)}"
            for item in sorted(definition.partitions_defs, key=lambda item: item.name)
        )
    if isinstance(definition, dg.DailyPartitionsDefinition):
        return f"daily since {definition.start:%Y-%m-%d} {definition.timezone}"
    if isinstance(definition, dg.StaticPartitionsDefinition):
        return ", ".join(definition.get_partition_keys())
    return "none"


def _assets(definitions: dg.Definitions) -> dict[str, object]:
    repository = definitions.get_repository_def()
    described: dict[str, object] = {}
    for made in repository.assets_defs_by_key.values():
        for spec in made.specs:
            described[spec.key.to_user_string()] = {
                "deps": {
                    dep.asset_key.to_user_string(): type(dep.partition_mapping).__name__
                    if dep.partition_mapping
                    else "default"
                    for dep in spec.deps
                },
                "partitions": _partitions(spec.partitions_def),
                "group": spec.group_name,
                "owners": sorted(spec.owners),
                "kinds": sorted(spec.kinds),
                "tags": sorted(
                    f"{key}={value}" if value else key
                    for key, value in spec.tags.items()
                    if not key.startswith("dagster/")
                ),
                "pool": made.op.pool if made.is_executable else None,
                "checks": {
                    check.name: "blocking" if check.blocking else "not blocking"
                    for check in made.check_specs
                },
            }
    return described


def _described(definitions: dg.Definitions) -> dict[str, object]:
    repository = definitions.get_repository_def()
    return {
        "assets": _assets(definitions),
        "checks_that_run_by_themselves": sorted(
            f"{key.asset_key.to_user_string()}: {key.name}"
            for key in repository.asset_checks_defs_by_key
            if key.asset_key not in repository.assets_defs_by_key
            or key not in repository.assets_defs_by_key[key.asset_key].check_keys
        ),
        "jobs": {
            job.name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
            for job in repository.get_all_jobs()
            if not job.name.startswith("__")
        },
        "schedules": {
            schedule.name: {
                "job": schedule.job_name,
                "cron": schedule.cron_schedule,
                "timezone": schedule.execution_timezone,
            }
            for schedule in repository.schedule_defs
        },
        "sensors": sorted(sensor.name for sensor in repository.sensor_defs),
        "resources": sorted(repository.get_top_level_resources()),
    }


def test_the_definitions_are_those_of_the_snapshot(definitions: dg.Definitions) -> None:
    now = json.dumps(_described(definitions), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if WRITE:
        SNAPSHOT.write_text(now, encoding="utf-8")
    before = SNAPSHOT.read_text(encoding="utf-8")
    lines = difflib.unified_diff(
        before.splitlines(), now.splitlines(), "snapshot", "definitions", lineterm="", n=4
    )
    difference = "\n".join(lines)
    assert not difference, f"{difference}\nAB_WRITE_GOLDEN=1 writes it anew when this is meant"


def test_every_asset_says_what_it_is_who_owns_it_and_which_columns_it_has(
    graph: AssetGraph,
) -> None:
    bare = {}
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        needed = {
            "description": node.description,
            "owner": node.owners,
            "group": node.group_name not in {None, "default"},
            "kind": node.kinds,
            "layer": node.tags.get("layer"),
            "columns": "dagster/column_schema" in node.metadata or key == DASHBOARD,
            "code version": node.code_version or key in {*SOURCES, DASHBOARD},
        }
        bare[key.to_user_string()] = [name for name, value in needed.items() if not value]
    assert {key: lacking for key, lacking in bare.items() if lacking} == {}


def test_every_asset_shows_the_columns_of_a_table(graph: AssetGraph) -> None:
    for key in graph.get_all_asset_keys() - {DASHBOARD}:
        schema = graph.get(key).metadata["dagster/column_schema"]
        assert isinstance(schema, dg.TableSchema)
        assert len(schema.columns) >= 6, key


@pytest.mark.parametrize("source", sorted(SOURCES), ids=str)
def test_lineage_reaches_from_each_source_to_the_dashboard(
    graph: AssetGraph, source: dg.AssetKey
) -> None:
    reached, front = set[dg.AssetKey](), {source}
    while front:
        reached |= front
        front = {child for key in front for child in graph.get(key).child_keys} - reached
    assert DASHBOARD in reached


def test_only_what_means_wrong_tables_blocks(definitions: dg.Definitions) -> None:
    blocking = {
        check.name
        for made in definitions.get_repository_def().assets_defs_by_key.values()
        for check in made.check_specs
        if check.blocking
    }
    assert blocking == {"conservation", "report_conserves_units"}


def test_whatever_opens_the_warehouse_file_waits_in_its_pool(definitions: dg.Definitions) -> None:
    outside = {
        made.key.to_user_string()
        for made in definitions.get_repository_def().assets_defs_by_key.values()
        if made.is_materializable
        and "warehouse" in made.required_resource_keys
        and made.op.pool != "warehouse"
    }
    assert outside == set()


def test_on_starrocks_only_writers_of_the_same_tables_wait_for_each_other() -> None:
    url = SecretStr("starrocks://writer:secret@127.0.0.1:1/ab")
    settings = Settings(start_date=date(2026, 1, 1), warehouse_url=url)
    definitions = build_defs(project=read_project(settings))
    pools = {
        made.key.to_user_string(): made.op.pool
        for made in definitions.get_repository_def().assets_defs_by_key.values()
        if made.is_materializable
    }
    modules = {key.partition("/")[0] for key in pools if key.endswith("/wide_user")}
    assert pools == {
        "growthbook/experiments": "growthbook",
        "experiment_data": "experiment_data",
        **{
            f"flow_report_app/{name}": f"dashboard_{name}"
            for name in ("ab_testing_result", "experiment_health", "report_trend")
        },
        "flow_report_app/report_page": "warehouse",
        # The findings of all modules are in one table, their plans in another; each module has
        # tables of its own besides.
        **{f"{module}/health": "experiment_health" for module in modules},
        **{f"{module}/plan": "experiment_plan" for module in modules},
        **{f"{module}/wide_user": f"wide_user_{module}" for module in modules},
        **{f"{module}/report_user": f"report_user_{module}" for module in modules},
    }
    assert len(modules) == 5


def test_a_wrong_environment_is_refused_when_the_definitions_are_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AB_START_DATE", "soon")
    with pytest.raises(ConfigurationError, match="AB_START_DATE"):
        build_defs()


def test_a_resource_can_be_replaced_by_name() -> None:
    own = dg.ResourceDefinition.hardcoded_resource("mine")
    definitions = build_defs(resources={"growthbook": own})
    assert definitions.get_repository_def().get_top_level_resources()["growthbook"] is own


def test_dagster_itself_finds_the_definitions_valid(tmp_path: Path) -> None:
    done = subprocess.run(
        [PROJECT_ROOT / ".venv/bin/dagster", "definitions", "validate", "-w", "workspace.yaml"],
        cwd=PROJECT_ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DAGSTER_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "All code locations passed validation" in done.stderr + done.stdout
