"""The five module files against the company's rows; how they parse is tested with the engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ab_assets.demo import Company

FILES = sorted((Path(__file__).parents[2] / "sql" / "modules").glob("*/module.yaml"))
MODULES: dict[str, dict[str, Any]] = {
    path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES
}
TAGS = {
    "advertisement": ["ads"],
    "retention": ["retention"],
    "subscribe": ["subscribe"],
    "recharge": ["recharge"],
    "engagement": ["chat_entry"],
}
EACH = pytest.mark.parametrize("name", sorted(TAGS))


def _sql(column: str | dict[str, str]) -> str:
    return column if isinstance(column, str) else column["sql"]


def _settings_ids(company: Company, tag: str) -> list[set[str]]:
    return [
        {
            metric["metricId"]
            for role in ("goals", "secondaryMetrics", "guardrails")
            for metric in answer["settings"][role]
        }
        for answer in company.growthbook["experiments"]
        if tag in answer["tags"]
    ]


@EACH
def test_a_module_is_named_after_its_folder_and_has_its_tags(name: str) -> None:
    assert (MODULES[name]["module"], MODULES[name]["tags"]) == (name, TAGS[name])


@EACH
def test_every_event_a_column_counts_occurs(company: Company, name: str) -> None:
    seen = set(company.events["event_name"].unique())
    text = " ".join(_sql(column) for column in MODULES[name]["columns"].values())
    assert set(re.findall(r"'([a-z_]+)'", text)) <= seen


def test_every_event_of_the_company_counts_somewhere(company: Company) -> None:
    text = " ".join(
        _sql(column) for module in MODULES.values() for column in module["columns"].values()
    )
    assert set(company.events["event_name"].unique()) <= set(re.findall(r"'([a-z_]+)'", text))


def test_a_column_has_the_same_sql_in_every_module() -> None:
    definitions: dict[str, set[str]] = {}
    for module in MODULES.values():
        for name, column in module["columns"].items():
            definitions.setdefault(name, set()).add(_sql(column))
    assert {name: sql for name, sql in definitions.items() if len(sql) > 1} == {}


@EACH
def test_every_metric_reads_columns_of_its_module(name: str) -> None:
    for metric in MODULES[name]["metrics"].values():
        wanted = {metric[key] for key in ("column", "numerator", "denominator") if key in metric}
        assert wanted
        assert wanted <= set(MODULES[name]["columns"])


@EACH
def test_every_column_is_read_by_a_metric(name: str) -> None:
    read = {
        metric[key]
        for metric in MODULES[name]["metrics"].values()
        for key in ("column", "numerator", "denominator")
        if key in metric
    }
    assert set(MODULES[name]["columns"]) <= read


@EACH
def test_every_metric_has_a_title_and_one_sentence(name: str) -> None:
    for metric in MODULES[name]["metrics"].values():
        assert metric["title"]
        assert re.fullmatch(r"[A-Z].*\.", metric["description"])
        assert ". " not in metric["description"]


@EACH
def test_a_module_has_a_goal_and_guardrails_with_margins(name: str) -> None:
    metrics = MODULES[name]["metrics"].values()
    guardrails = [metric for metric in metrics if metric.get("role") == "guardrail"]
    assert any(metric.get("role") == "goal" for metric in metrics)
    assert len(guardrails) >= 3
    assert all(0 < metric["non_inferiority"] <= 0.5 for metric in guardrails)
    assert all("direction" in metric for metric in guardrails)


@EACH
def test_default_goals_have_a_growthbook_id(name: str) -> None:
    for metric in MODULES[name]["metrics"].values():
        assert metric.get("role") != "goal" or "growthbook" in metric


@EACH
def test_every_experiment_of_a_tag_gives_each_id_of_the_module_a_role(
    company: Company, name: str
) -> None:
    ids = {
        metric["growthbook"]
        for metric in MODULES[name]["metrics"].values()
        if "growthbook" in metric
    }
    for listed in _settings_ids(company, TAGS[name][0]):
        assert ids <= listed


def test_settings_name_no_metric_that_no_module_has(company: Company) -> None:
    ids = {
        metric["growthbook"]
        for module in MODULES.values()
        for metric in module["metrics"].values()
        if "growthbook" in metric
    }
    listed = {
        name
        for tags in TAGS.values()
        for listed in _settings_ids(company, tags[0])
        for name in listed
    }
    assert listed <= ids
