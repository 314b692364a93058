"""Module files that were made to run something, to exhaust something or to end in a traceback."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sqlglot.dialects.starrocks import StarRocks

from ab_assets.cli.application import run_application
from ab_assets.errors import ConfigurationError
from ab_assets.modules.expressions import read_column
from ab_assets.modules.loader import load_modules
from ab_assets.warehouse import portable
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.expressions import parse_expression
from ab_assets.warehouse.statements import Statement
from tests.hostile.corpus import SURROGATES, TEXTS, UNPRINTED, fuzz, texts
from tests.small_world import clear_environment

GOOD = """module: shop
tags: [shop]
columns:
  visits: "count_if(event_name = 'visit')"
metrics:
  visits_per_user: {type: mean, column: visits}
"""


def file(folder: Path, content: str | bytes) -> Path:
    path = folder / "shop" / "module.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def outcome(folder: Path) -> str:
    """What is said of a folder of modules; empty where they are taken."""
    try:
        load_modules(folder)
    except ConfigurationError as error:
        return str(error)
    return ""


def refusal(folder: Path, content: str | bytes) -> str:
    with pytest.raises(ConfigurationError) as raised:
        load_modules(file(folder, content))
    text = str(raised.value)
    assert text.startswith(f"{folder / 'shop' / 'module.yaml'}: ")
    assert len(text) < 2000
    return text


def aliases(depth: int, form: str) -> str:
    lines = [form.format(name="m0", values="", key="k0")]
    for level in range(1, depth):
        values = ", ".join([f"*m{level - 1}"] * 9)
        lines.append(form.format(name=f"m{level}", values=values, key=f"k{level}"))
    return "".join(lines)


@pytest.mark.parametrize(
    "content",
    [
        "a: " + "[" * 5000 + "]" * 5000,
        "".join(" " * depth + "a:\n" for depth in range(1500)),
        GOOD + "title: " + "x" * 2_000_000,
        GOOD + aliases(9, "{name}: &{name} [{values}]\n") + "owners: *m8\n",
        GOOD + aliases(9, "{name}: &{name} {{<<: [{values}], {key}: 1}}\n"),
        GOOD + "owners: &all [*all]\n",
        GOOD + "engine: {? &all [*all] : 1}\n",
        GOOD.encode("utf-16"),
        GOOD.encode() + b"title: \xe9\n",
        GOOD.encode() + b"title: a\0b\n",
        GOOD + "title: a\x1b[31m\n",
        GOOD + "---\n" + GOOD,
        GOOD + "title: !!python/object/apply:os.system ['true']\n",
        GOOD + "title: !!python/name:os.system\n",
        GOOD + "title: !own x\n",
        "- a\n",
        "",
    ],
    ids=lambda content: repr(content[-24:]),
)
def test_a_file_that_is_no_module_is_refused_in_a_sentence(
    tmp_path: Path, content: str | bytes
) -> None:
    refusal(tmp_path, content)


@pytest.mark.parametrize(
    "value",
    [
        "2026-99-99",
        "2026-01-01T99:99:99Z",
        "!!int ''",
        "!!int x",
        "!!float x",
        "!!timestamp x",
        "!!bool x",
        "!!map x",
        "!!seq x",
        "!!omap x",
        "!!set {a: 1}",
        "9" * 5000,
        ".nan",
        ".inf",
        "1e999",
        "null",
        "*nothing",
        '"\\U00110000"',
        *(json.dumps(text) for text in SURROGATES),
    ],
    ids=lambda value: value[:20],
)
def test_a_value_yaml_cannot_read_is_refused_in_a_sentence(tmp_path: Path, value: str) -> None:
    refusal(tmp_path, f"{GOOD}  retained: {{type: retention, day: {value}, column: visits}}\n")


@pytest.mark.parametrize("name", ["title", "description", "owners", "control"])
def test_half_a_surrogate_pair_is_in_no_module(tmp_path: Path, name: str) -> None:
    assert "surrogate" in refusal(tmp_path, f'{GOOD}{name}: "\\ud800"\n')


@fuzz
@given(value=texts(), name=st.sampled_from(["title", "description"]))
def test_a_title_may_be_any_text(
    tmp_path_factory: pytest.TempPathFactory, value: str, name: str
) -> None:
    folder = file(tmp_path_factory.mktemp("m"), GOOD + yaml.safe_dump({name: value}))
    assert getattr(load_modules(folder).modules[0], name) == value


@fuzz
@given(value=texts(), name=st.sampled_from(["module", "tags", "owners", "dimensions", "currency"]))
def test_what_becomes_a_name_is_of_its_form_or_refused(
    tmp_path_factory: pytest.TempPathFactory, value: str, name: str
) -> None:
    lines = [line for line in GOOD.splitlines() if not line.startswith(f"{name}:")]
    content = [value] if name in {"tags", "owners", "dimensions"} else value
    written = yaml.safe_dump({name: content})
    folder = file(tmp_path_factory.mktemp("m"), "\n".join([*lines, written]))
    told = outcome(folder)
    assert name in told or (value.isascii() and not UNPRINTED & set(value))


@fuzz
@given(
    content=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | texts(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3),
        max_leaves=8,
    ),
    key=st.sampled_from(["columns", "metrics", "engine", "health", "tags", "owners", "metrics.m"]),
)
def test_a_key_of_any_content_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: object, key: str
) -> None:
    lines = [line for line in GOOD.splitlines() if not line.startswith(f"{key}:")]
    name = key.partition(".")[0]
    written = yaml.safe_dump({name: {"m": content} if key == "metrics.m" else content})
    folder = file(tmp_path_factory.mktemp("m"), "\n".join([*lines, written]))
    told = outcome(folder)
    assert told == "" or told.startswith(str(folder))


@pytest.mark.parametrize(
    "owner", ["a@b", "x@y.z", "é@b.com", "a@b.com\n", "team:a\n", "team:", "a b@c.com", "@b.com"]
)
def test_an_owner_dagster_would_refuse_is_refused_with_the_file(tmp_path: Path, owner: str) -> None:
    assert "expected an e-mail address" in refusal(
        tmp_path, f"{GOOD}owners: [{json.dumps(owner)}]\n"
    )


ESCAPES = (
    "sum(value)) FROM ab_source.events; DROP TABLE ab_source.events; --",
    "count(*); DROP TABLE ab_source.events",
    "sum((SELECT count(*) FROM ab_source.events))",
    "count_if(user_id IN (SELECT user_id FROM ab_source.events))",
    "count_if(EXISTS (SELECT 1))",
    "count_if(value > ALL (SELECT 1))",
    "max(value) UNION SELECT 1",
    "sum(value) FROM ab_source.events",
    "sum(value) INTO OUTFILE 'x'",
    "max(length(read_text('/etc/passwd')))",
    "max(length(`read_text`('/etc/passwd')))",
    "max(length(main.read_text('/etc/passwd')))",
    "max(length(system.main.read_text('/etc/passwd')))",
    "max(length(`main`.`read_text`('/etc/passwd')))",
    "max(length(x.read_csv('/etc/passwd')))",
    "max(length(system.main.current_setting('home_directory')))",
    "max(length(ab.getenv('HOME')))",
    "max(main.sleep(10))",
    "max(lower.read_text('x'))",
    "max(load_file('/etc/passwd'))",
    "max(nextval('x'))",
    "max(values(1))",
    "sum(columns(*))",
    "max(length(current_user))",
    "max(length(current_user()))",
    "max(length(session_user))",
    "max(length(localtime))",
    "max(current_time)",
    "max(localtimestamp)",
    "max(@@version)",
    "max(@x)",
    "sum(:tag)",
    "sum(?)",
    "sum($1)",
    "sum(value) /* a */",
    "sum(value) -- a",
    "sum(value) # a",
    "sum(if(event_name = '\\'', 1, 0)) -- '\n",
    "sum(if(event_name = '\\'', /*! 1 */ 1, 0)) + sum(if(event_name = '\\'', 1, 0))",
    "sum(/*+ SET_VAR(x = 1) */ value)",
    "sum({{ 7 * 7 }})",
    "sum({% raw %}1{% endraw %})",
    "sum(value) OVER ()",
    "sum(value)::int",
    "count_if(event_name = x'41')",
    "count_if(event_name = b'01')",
    "count_if(event_name = n'x')",
    "count_if(event_name = _utf8'x')",
    "count_if(event_name COLLATE nocase = 'x')",
    "sum(value) AT TIME ZONE 'x'",
    "count_if(event_name IS JSON)",
    "DROP TABLE ab_source.events",
    "SET x = 1",
)
DEEP = (
    f"sum({'(' * 40}1{')' * 40})",
    f"sum({'(' * 3000}1{')' * 3000})",
    f"sum({'abs(' * 60}value{')' * 60})",
    f"sum({'CASE WHEN 1 THEN ' * 60}1{' END' * 60})",
    f"sum({'-' * 3000}1)",
    f"sum({'NOT ' * 3000}1)",
    f"sum({'+'.join(['1'] * 20_000)})",
)


@pytest.mark.parametrize("sql", ESCAPES + DEEP, ids=lambda sql: sql[:60])
def test_a_column_is_one_aggregate_over_a_units_events_and_nothing_else(
    tmp_path: Path, sql: str
) -> None:
    column = json.dumps({"sql": sql, "merge": "sum"})
    assert "columns.visits: " in refusal(
        tmp_path, GOOD.replace("\"count_if(event_name = 'visit')\"", column)
    )


@fuzz
@given(text=texts(surrogates=True), around=st.sampled_from(["{}", "sum({})", "count_if({} = 1)"]))
def test_any_text_as_a_column_is_read_or_refused(text: str, around: str) -> None:
    told = ""
    try:
        read_column(around.format(text) if "{}" in around else text)
    except ValueError as error:
        told = type(error).__name__
    assert told in {"", "ValueError"}


def test_functions_without_parentheses_are_all_refused() -> None:
    """Whatever the parser takes for one after an upgrade, too."""
    assert set(StarRocks.Parser.NO_PAREN_FUNCTIONS) <= set(portable._TOKEN_PROBLEMS)


def literal(text: str, quote: str = "''") -> str:
    escaped = text.replace("\\", "\\\\").replace("'", quote)
    return f"'{escaped}'"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    return DuckDBWarehouse(tmp_path_factory.mktemp("texts") / "ab.duckdb", lock_seconds=5)


def test_a_literal_of_a_column_is_that_text_on_the_engine(warehouse: DuckDBWarehouse) -> None:
    with warehouse.session():
        for text in TEXTS:
            for written in (literal(text), literal(text, quote="\\'")):
                assert parse_expression(f"count_if(event_name = {written})")
                asked = Statement("literal", f"SELECT {written} AS one", {})
                assert warehouse.fetch(asked).item() == text


def test_check_names_the_file_of_a_wrong_column_and_ends_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    clear_environment(monkeypatch)
    column = "{sql: \"max(length(main.read_text('/etc/passwd')))\", merge: max}"
    folder = file(tmp_path, GOOD.replace("\"count_if(event_name = 'visit')\"", column))
    monkeypatch.setenv("AB_MODULES_DIR", str(folder))
    monkeypatch.setenv("AB_WAREHOUSE_URL", f"duckdb://{tmp_path}/ab.duckdb")
    assert run_application(["schema", "--diff"]) == 2
    assert "module.yaml: columns.visits: " in capfd.readouterr().err
