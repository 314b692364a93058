"""Messages and problems survive the ledger."""

import json

import pytest

from ab_assets.alerts.message import message_id, read_content
from ab_assets.alerts.problem import problem_of_json
from ab_assets.errors import WarehouseError
from tests.alerts.builders import a_failed_run, a_message, a_problem


@pytest.mark.parametrize("problem", [a_problem(), a_failed_run(day=None)])
def test_a_problem_is_read_back_as_it_was(problem: object) -> None:
    assert problem_of_json(json.loads(json.dumps(problem.to_json()))) == problem  # type: ignore[attr-defined]


def test_a_content_is_read_back_as_it_was() -> None:
    message = a_message("бакет 籃 \U0001f9fa")
    content = read_content(message.content_json)
    assert (content.paragraphs, content.problems) == (message.paragraphs, message.problems)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"paragraphs": [[]], "problems": [], "mentions": []}']
)
def test_a_content_that_was_tampered_with_is_refused(text: str) -> None:
    with pytest.raises(WarehouseError, match=r"alert_messages holds a content"):
        read_content(text)


def test_a_problem_that_was_tampered_with_is_refused() -> None:
    with pytest.raises(WarehouseError, match=r"alert_messages holds a problem"):
        problem_of_json(a_problem().to_json() | {"severity": "terrible"})


def test_a_text_ends_with_a_reference_into_the_ledger() -> None:
    message = a_message()
    assert message.text.endswith(f"ab_assets alert {message.id[:8]}")


def test_parts_that_look_alike_when_joined_have_different_ids() -> None:
    assert message_id("a", "bc") != message_id("ab", "c")
