import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.warehouse.tokens import bind_names, normalised


def test_binds_are_found_outside_strings_and_comments() -> None:
    text = "SELECT :a, ':b', `:c` -- :d\n/* :e */ + :date"
    assert bind_names(text) == {"a", "date"}


@pytest.mark.parametrize("text", ["SELECT x::int", "SELECT 'a:b'", "SELECT a : b"])
def test_other_colons_are_no_binds(text: str) -> None:
    assert bind_names(text) == frozenset()


def test_the_normal_form_has_no_comments_and_single_spaces() -> None:
    assert normalised("SELECT  1 -- one\n ,\t2 /* two */") == "SELECT 1 , 2"


def test_the_normal_form_keeps_spaces_inside_strings() -> None:
    assert normalised("SELECT 'a  b'") == "SELECT 'a  b'"


@given(st.text(alphabet="ab '\\;-", max_size=12))
def test_a_literal_keeps_its_bytes_in_the_normal_form(value: str) -> None:
    literal = "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    assert normalised(f"SELECT   {literal}") == f"SELECT {literal}"
