import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.names import (
    Fragment,
    check_injective,
    identifier,
    identifiers,
    table_suffix,
)


@pytest.mark.parametrize("name", ["tag", "_x", "event_date", "a1", "a" * 128])
def test_an_identifier_of_lower_case_letters_digits_and_underscores_is_quoted(name: str) -> None:
    assert identifier(name) == f"`{name}`"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1a",
        "Tag",
        "a-b",
        "a b",
        "a`b",
        'a"b',
        "a;b",
        "ä",
        "a\n",
        "tag--",
        "a.b",
        "a" * 129,
        None,
        3,
    ],
)
def test_anything_else_is_no_identifier(name: object) -> None:
    with pytest.raises(ConfigurationError, match="is no identifier"):
        identifier(name)


@given(st.text())
def test_no_text_gets_through_as_an_identifier_with_a_character_that_could_end_it(
    text: str,
) -> None:
    try:
        quoted = identifier(text)
    except ConfigurationError:
        return
    assert re.fullmatch(r"`[a-z_][a-z0-9_]*`", quoted, re.ASCII)


def test_identifiers_stand_with_commas_between_them() -> None:
    assert identifiers(["tag", "event_date"]) == "`tag`, `event_date`"


def test_a_quoted_name_is_a_fragment_that_templates_may_output() -> None:
    assert isinstance(identifier("tag"), Fragment)


@pytest.mark.parametrize(
    ("tag", "suffix"),
    [
        ("retention", "retention"),
        ("chat-entry", "chat_entry"),
        ("Chat Entry", "chat_entry"),
        ("留存", "__"),
    ],
)
def test_a_tag_becomes_part_of_a_table_name(tag: str, suffix: str) -> None:
    assert table_suffix(tag) == suffix


@given(st.text(min_size=1))
def test_the_suffix_of_any_tag_is_fit_for_a_table_name(tag: str) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", table_suffix(tag), re.ASCII)


def test_tags_with_tables_of_their_own_pass() -> None:
    check_injective(["retention", "chat_entry", "retention"])


def test_two_tags_that_would_share_a_table_are_both_named() -> None:
    with pytest.raises(
        ConfigurationError, match=r"'chat-entry' and 'chat_entry' would share .*'_chat_entry'"
    ):
        check_injective(["chat-entry", "retention", "chat_entry"])


def test_an_empty_tag_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="a tag is empty"):
        check_injective([""])


@given(st.lists(st.text(min_size=1), unique=True))
def test_tags_that_pass_never_share_a_table(tags: list[str]) -> None:
    try:
        check_injective(tags)
    except ConfigurationError:
        return
    assert len({table_suffix(tag) for tag in tags}) == len(tags)
