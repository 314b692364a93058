from datetime import date
from pathlib import Path

import pytest

from ab_assets.errors import StatementError
from ab_assets.warehouse.dialect import expression_fragment
from ab_assets.warehouse.names import Fragment
from ab_assets.warehouse.statements import Statement, StatementLibrary
from tests.warehouse.conftest import TABLE


def rendered(folder: Path, text: str, **context: object) -> str:
    (folder / "a.sql").write_text(text, encoding="utf-8")
    return StatementLibrary(folder).render("a.sql", {}, **context).text


def refusal(folder: Path, text: str, **context: object) -> str:
    with pytest.raises(StatementError) as caught:
        rendered(folder, text, **context)
    return str(caught.value)


def test_a_statement_with_a_value_for_each_bind_is_made() -> None:
    statement = Statement("a.sql", "SELECT :tag", {"tag": "x"})
    assert statement.parameters == {"tag": "x"}


def test_a_bind_without_a_value_is_named() -> None:
    with pytest.raises(StatementError, match=r"a\.sql: no value is given for the binds :day, :tag"):
        Statement("a.sql", "SELECT :tag, :day", {})


def test_a_value_without_a_bind_is_named() -> None:
    with pytest.raises(
        StatementError, match=r"a\.sql: values are given for :day, which the text does not use"
    ):
        Statement("a.sql", "SELECT 1", {"day": date(2026, 1, 1)})


def test_a_text_that_is_not_even_tokens_is_refused_with_the_file() -> None:
    with pytest.raises(StatementError, match=r"a\.sql: the text cannot be read as SQL"):
        Statement("a.sql", "SELECT 'open")


def test_parameters_cannot_be_changed_afterwards() -> None:
    given = {"tag": "x"}
    statement = Statement("a.sql", "SELECT :tag", given)
    given["tag"] = "y"
    assert statement.parameters["tag"] == "x"


def test_comments_and_white_space_do_not_change_the_hash() -> None:
    assert (
        Statement("a", "SELECT 1").sql_hash
        == Statement("b", "-- one\nSELECT\n  1 /* x */").sql_hash
    )


def test_values_do_not_change_the_hash() -> None:
    assert (
        Statement("a", "SELECT :x", {"x": 1}).sql_hash
        == Statement("a", "SELECT :x", {"x": 2}).sql_hash
    )


def test_a_literal_changes_the_hash() -> None:
    assert Statement("a", "SELECT 'a b'").sql_hash != Statement("a", "SELECT 'a  b'").sql_hash


def test_the_hash_is_the_same_in_every_version() -> None:
    assert (
        Statement("a", "SELECT tag FROM ab.t WHERE d = :d", {"d": 1}).sql_hash == "93d8ea04fdff775d"
    )


def test_a_file_is_rendered_with_its_values(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.sql").write_text("SELECT {{ name | identifier }} FROM ab.t WHERE d = :d")
    statement = StatementLibrary(tmp_path).render("sub/a.sql", {"d": 1}, name="tag")
    assert (statement.name, statement.text) == ("sub/a.sql", "SELECT `tag` FROM ab.t WHERE d = :d")


def test_a_file_includes_another_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "events.sql").write_text("-- about\nSELECT 1 AS one\n")
    text = rendered(tmp_path, 'SELECT one FROM (\n{% include "source/events.sql" %}\n) AS events')
    assert "SELECT 1 AS one" in text


def test_whole_numbers_may_be_written(tmp_path: Path) -> None:
    assert rendered(tmp_path, "SELECT {{ n }}", n=20) == "SELECT 20"


@pytest.mark.parametrize(
    "value", ["x'; DROP TABLE t --", "tag", 1.5, True, None, date(2026, 1, 1), ["a"]]
)
def test_a_value_cannot_be_written_into_the_text(tmp_path: Path, value: object) -> None:
    assert "may not be written into SQL text" in refusal(tmp_path, "SELECT {{ x }}", x=value)


def test_joined_text_is_refused_too(tmp_path: Path) -> None:
    assert "may not be written" in refusal(tmp_path, "SELECT {{ 'a' ~ x }}", x=Fragment("b"))


def test_a_joined_name_passes_through_the_identifier_filter(tmp_path: Path) -> None:
    assert rendered(tmp_path, "SELECT {{ ('sum_' ~ x) | identifier }}", x="a") == "SELECT `sum_a`"


def test_a_name_that_is_no_identifier_is_refused_with_the_file(tmp_path: Path) -> None:
    assert refusal(tmp_path, "SELECT {{ x | identifier }}", x="a`b").startswith(
        "a.sql: 'a`b' is no identifier"
    )


def test_a_list_of_names_is_written_with_commas(tmp_path: Path) -> None:
    assert rendered(tmp_path, "SELECT {{ x | identifiers }}", x=["a", "b"]) == "SELECT `a`, `b`"


def test_checked_expressions_can_be_joined(tmp_path: Path) -> None:
    parts = [expression_fragment("max(a)"), expression_fragment("min(b)")]
    assert rendered(tmp_path, "SELECT {{ x | join(', ') }}", x=parts) == "SELECT (max(a)), (min(b))"


def test_text_cannot_be_joined(tmp_path: Path) -> None:
    assert "may not be written" in refusal(tmp_path, "SELECT {{ x | join(', ') }}", x=["a"])


def test_a_table_definition_is_written_with_its_schema(tmp_path: Path) -> None:
    assert (
        rendered(tmp_path, "SELECT 1 FROM {{ x | table }}", x=TABLE) == "SELECT 1 FROM `ab`.`toy`"
    )


def test_only_a_table_definition_is_a_table(tmp_path: Path) -> None:
    assert "'ab.toy' is no table definition" in refusal(tmp_path, "{{ x | table }}", x="ab.toy")


def test_a_macro_gives_checked_text(tmp_path: Path) -> None:
    text = "{% macro one(x) %}max({{ x | identifier }}){% endmacro %}SELECT {{ one('a') }}"
    assert rendered(tmp_path, text) == "SELECT max(`a`)"


def test_a_macro_cannot_smuggle_a_value(tmp_path: Path) -> None:
    text = "{% macro one(x) %}{{ x }}{% endmacro %}SELECT {{ one(x) }}"
    assert "may not be written" in refusal(tmp_path, text, x="1; DROP")


def test_a_name_that_was_not_given_is_named(tmp_path: Path) -> None:
    assert "'missing' is undefined" in refusal(tmp_path, "SELECT {{ missing }}")


def test_a_template_cannot_reach_python(tmp_path: Path) -> None:
    assert "unsafe" in refusal(tmp_path, "SELECT {{ x.__class__ }}", x=TABLE)


def test_a_missing_file_is_named_with_the_folder(tmp_path: Path) -> None:
    with pytest.raises(StatementError, match=r"b\.sql: there is no file b\.sql under"):
        StatementLibrary(tmp_path).render("b.sql", {})


def test_a_broken_template_is_named_with_its_line(tmp_path: Path) -> None:
    assert "a.sql, line 2" in refusal(tmp_path, "SELECT 1\n{% if %}")
