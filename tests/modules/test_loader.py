"""Module files: what is wrong is refused with the file, the key and what was expected."""

import re
from pathlib import Path

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.modules.loader import load_module, load_modules
from ab_assets.modules.model import MetricType
from ab_assets.settings import PROJECT_ROOT
from tests.modules.builders import content, load, write

MEAN = {"type": "mean", "column": "visits"}
RATIO = {"type": "ratio", "numerator": "amount", "denominator": "visits"}
PROPORTION = {"type": "proportion", "column": "visits"}
RETENTION = {"type": "retention", "column": "visits", "day": 1}


def refused(folder: Path, **changes: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, **changes)
    text = str(caught.value)
    assert text.startswith(f"{folder / 'shop' / 'module.yaml'}: ")
    return text.split(": ", 1)[1]


def refused_metric(folder: Path, **said: object) -> str:
    return refused(folder, metrics={"m": said})


def test_a_right_file_is_read(tmp_path: Path) -> None:
    module = load(tmp_path)
    assert (module.module, module.tags, list(module.columns)) == (
        "shop",
        ("shop",),
        ["visits", "amount"],
    )


@pytest.mark.parametrize(
    "name", ["advertisement", "engagement", "recharge", "retention", "subscribe"]
)
def test_the_modules_that_come_with_the_project_are_right(name: str) -> None:
    assert load_module(PROJECT_ROOT / "sql" / "modules" / name / "module.yaml").module == name


def test_the_modules_that_come_with_the_project_go_together() -> None:
    catalogue = load_modules(PROJECT_ROOT / "sql" / "modules")
    assert {"advertisement", "engagement", "recharge", "retention", "subscribe"} <= {
        module.module for module in catalogue
    }
    assert {"retention", "chat_entry"} <= set(catalogue.tags)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"AB_MODULES_DIR: .*/none is no folder"):
        load_modules(tmp_path / "none")


def test_a_folder_without_a_module_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"no module in .*; expected <module>/module\.yaml"
    ):
        load_modules(tmp_path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"module\.yaml: cannot be read: "):
        load_module(tmp_path / "module.yaml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "module.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"module\.yaml: cannot be read: "):
        load_module(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", r"no YAML: .*line [12]"),
        ("- shop", r"expected keys like module, tags, columns, metrics; found list"),
        ("", r"expected keys like module, tags, columns, metrics; found NoneType"),
        ("module: shop\nmodule: shop", r"no YAML: key 'module' stands twice.*line 1"),
        ("columns: {a: 1, a: 2}", r"no YAML: key 'a' stands twice"),
        (
            "columns: {on: 'count(*)'}",
            r"no YAML: key on is read as True, not as text; write it in quotes",
        ),
        ("? [a]\n: 1", r"no YAML: key … is read as \['a'\], not as text"),
        (
            "module: !!python/object/apply:os.system ['true']",
            r"no YAML: could not determine a constructor",
        ),
    ],
)
def test_a_file_that_is_no_mapping_of_names_is_refused(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        load_module(write(tmp_path, text))


def test_yaml_anchors_may_share_what_metrics_have_in_common(tmp_path: Path) -> None:
    text = """
module: shop
tags: [shop]
columns: {visits: "count(*)"}
metrics:
  first: &shared {type: mean, column: visits, cap: {absolute: 5}}
  second:
    <<: *shared
    role: goal
"""
    metrics = load_module(write(tmp_path, text)).metrics
    assert metrics["second"].cap == metrics["first"].cap
    assert metrics["second"].role == "goal"


def test_the_module_has_the_name_of_its_folder(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"module: expected 'other', the folder's name; found 'shop'"
    ):
        load_module(write(tmp_path, content(), "other"))


def test_every_problem_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    text = refused(tmp_path, tags=[], columns={"a": "count(*)", "b": "nope"}, owners=["nobody"])
    assert all(key in text for key in ("tags: ", "columns.b: ", "owners: "))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tags": []}, r"^tags: .*at least 1 item"),
        ({"tags": ["a", "a"]}, r"^tags: 'a' stands twice"),
        ({"tags": ["a b"]}, r"^tags\.0: .*should match pattern"),
        ({"tags": [""]}, r"^tags\.0: .*should match pattern"),
        ({"tags": [7]}, r"^tags\.0: .*valid string"),
        (
            {"dimensions": ["planet"]},
            r"^dimensions\.0: .*'country', 'platform', 'app_version' or 'channel'",
        ),
        ({"dimensions": ["country", "country"]}, r"^dimensions: 'country' stands twice"),
        ({"owners": ["growth"]}, r"^owners: 'growth': expected an e-mail address or 'team:name'"),
        ({"compat": "optimizely"}, r"^compat: .*'growthbook'"),
        ({"engine": {"alpha": 0}}, r"^engine\.alpha: .*greater than 0"),
        ({"engine": {"correction": "sidak"}}, r"^engine\.correction: .*'holm', 'bonferroni'"),
        ({"engine": {"alfa": 0.1}}, r"^engine\.alfa: Extra inputs"),
        ({"engine": {"prior": {"deviation": 0}}}, r"^engine\.prior\.deviation: .*greater than 0"),
        ({"colums": {}}, r"^colums: Extra inputs are not permitted"),
        ({"module": "Shop!"}, r"^module: .*should match pattern"),
        ({"columns": {}}, r"^columns: .*at least 1 item"),
        ({"metrics": {}}, r"^metrics: .*at least 1 item"),
        ({"columns": {"Visits": "count(*)"}}, r"^columns\.Visits\.\[key\]: .*should match pattern"),
        ({"columns": {"a": 7}}, r"^columns\.a: "),
        ({"columns": {"a": {"merge": "sum"}}}, r"^columns\.a\.sql: Field required"),
        (
            {"columns": {"a": {"sql": "sum(value)", "merge": "avg"}}},
            r"^columns\.a\.merge: .*'sum', 'max' or 'min'",
        ),
        (
            {"columns": {"a": {"sql": "sum(value)", "mrge": "max"}}},
            r"^columns\.a\.mrge: Extra inputs",
        ),
        (
            {"columns": {"a": "avg(value)"}},
            r"^columns\.a: 'avg\(value\)' does not say how daily values merge; write",
        ),
        (
            {"columns": {"a": "count_if(evnt_name = 'x')"}},
            r"^columns\.a: .*uses 'evnt_name'.*did you mean 'event_name'",
        ),
        ({"columns": {"a": "countif(value > 1)"}}, r"^columns\.a: .*countif: use count_if"),
        (
            {"columns": {"a": "sum(value); DROP TABLE x"}},
            r"^columns\.a: .*it cannot be read as SQL",
        ),
    ],
)
def test_a_wrong_module_is_refused(
    tmp_path: Path, changes: dict[str, object], expected: str
) -> None:
    assert re.search(expected, refused(tmp_path, **changes))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            {"type": "average", "column": "visits"},
            r"type: .*'mean', 'proportion', 'ratio' or 'retention'",
        ),
        (
            {"type": "quantile", "column": "visits"},
            r"type: type quantile is not there yet; expected mean",
        ),
        ({"type": "funnel", "column": "visits"}, r"type: type funnel is not there yet"),
        ({"column": "visits"}, r"type: Field required"),
        ({"type": "mean"}, r"m: a mean needs a column"),
        (
            {"type": "mean", "column": "nope"},
            r"metrics\.m: no column 'nope'; the module has visits, amount",
        ),
        ({"type": "ratio", "numerator": "visits"}, r"m: a ratio needs numerator and denominator"),
        (RATIO | {"column": "visits"}, r"m: a ratio has numerator and denominator, no column"),
        (RATIO | {"denominator": "nope"}, r"metrics\.m: no column 'nope'"),
        (MEAN | {"numerator": "visits"}, r"m: a mean has no numerator or denominator"),
        ({"type": "retention", "column": "visits"}, r"m: retention needs day"),
        (MEAN | {"day": 1}, r"m: a mean has no day"),
        (RETENTION | {"day": -1}, r"day: .*greater than or equal to 0"),
        (RETENTION | {"day": True}, r"day: .*valid integer"),
        (
            RETENTION | {"window": {"days": 1}},
            r"m: retention has its day; window, delay and lookback do not apply",
        ),
        (RETENTION | {"delay": {"days": 1}}, r"m: retention has its day"),
        (RETENTION | {"lookback": {"days": 1}}, r"m: retention has its day"),
        (
            MEAN | {"window": {"days": 1}, "lookback": {"days": 1}},
            r"m: either a window or a lookback, not both",
        ),
        (
            PROPORTION | {"cap": {"absolute": 1}},
            r"m: a proportion counts units: a cap does not apply",
        ),
        (
            RETENTION | {"cap": {"absolute": 1}},
            r"m: a retention counts units: a cap does not apply",
        ),
        (MEAN | {"threshold": 1}, r"m: a mean has no threshold"),
        (RATIO | {"threshold": 1}, r"m: a ratio has no threshold"),
        (
            MEAN | {"window": {}},
            r"window: expected exactly one of hours or days, like \{hours: 72\}",
        ),
        (
            MEAN | {"window": {"hours": 1, "days": 1}},
            r"window: expected exactly one of hours or days",
        ),
        (MEAN | {"window": {"hours": 0}}, r"window\.hours: .*greater than or equal to 1"),
        (MEAN | {"window": {"hours": 1.5}}, r"window\.hours: .*valid integer"),
        (MEAN | {"window": {"weeks": 1}}, r"window\.weeks: Extra inputs"),
        (MEAN | {"window": 72}, r"window: "),
        (
            MEAN | {"cap": {}},
            r"cap: expected exactly one of absolute or percentile, like \{percentile: 0\.99\}",
        ),
        (
            MEAN | {"cap": {"absolute": 1, "percentile": 0.9}},
            r"cap: expected exactly one of absolute or percentile",
        ),
        (MEAN | {"cap": {"absolute": 0}}, r"cap\.absolute: .*greater than 0"),
        (MEAN | {"cap": {"absolute": float("inf")}}, r"cap\.absolute: .*finite number"),
        (MEAN | {"cap": {"percentile": 99}}, r"cap\.percentile: .*less than 1"),
        (
            MEAN | {"cap": {"absolute": 1, "ignore_zeros": True}},
            r"cap: ignore_zeros is about a percentile",
        ),
        (MEAN | {"cuped": {"days": 0}}, r"cuped\.days: .*greater than or equal to 1"),
        (PROPORTION | {"threshold": float("nan")}, r"threshold: .*finite number"),
        (MEAN | {"role": "main"}, r"role: .*'goal', 'secondary' or 'guardrail'"),
        (MEAN | {"direction": "left"}, r"direction: .*'up' or 'down'"),
        (MEAN | {"in_progress": "maybe"}, r"in_progress: .*'include' or 'exclude'"),
        (MEAN | {"minimum_sample": -1}, r"minimum_sample: .*greater than or equal to 0"),
        (MEAN | {"non_inferiority": 0}, r"non_inferiority: .*greater than 0"),
        (MEAN | {"growthbook": ""}, r"growthbook: .*at least 1 character"),
        (MEAN | {"colum": "visits"}, r"colum: Extra inputs"),
    ],
)
def test_a_wrong_metric_is_refused(tmp_path: Path, said: dict[str, object], expected: str) -> None:
    text = refused_metric(tmp_path, **said)
    assert "metrics.m" in text
    assert re.search(expected, text)


def test_two_metrics_cannot_be_the_same_growthbook_metric(tmp_path: Path) -> None:
    metrics = {"a": MEAN | {"growthbook": "fact__x"}, "b": PROPORTION | {"growthbook": "fact__x"}}
    assert "metrics.b: fact__x is already the id of a" in refused(tmp_path, metrics=metrics)


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    metric = load(tmp_path).metrics["visits"]
    said = (metric.role, metric.direction, metric.minimum_sample, metric.in_progress, metric.cuped)
    assert said == ("secondary", "up", 150, None, None)
    assert metric.type is MetricType.MEAN


def test_cuped_without_days_is_14_days(tmp_path: Path) -> None:
    metric = load(tmp_path, metrics={"m": MEAN | {"cuped": {}}}).metrics["m"]
    assert metric.cuped is not None
    assert metric.cuped.days == 14
