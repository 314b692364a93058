"""Every call of ``ab-assets`` in the documentation is one the application understands."""

import pytest

from tests.docs.command_lines import calls, problem_of, unknown_names
from tests.docs.markdown import Page, pages

PAGES = [pytest.param(page, id=page.name) for page in pages()]


@pytest.mark.parametrize("page", PAGES)
def test_calls_in_code_blocks_can_be_run(page: Page) -> None:
    lines = [
        line
        for language, text in page.code_blocks
        if language in {"console", "bash", "sh", "shell"}
        for line in text.replace("\\\n", " ").splitlines()
        if "ab-assets" in line
    ]
    problems = [problem for line in lines if (problem := problem_of(line))]
    assert not problems, f"{page.name} calls what is not there: {'; '.join(problems)}"


@pytest.mark.parametrize("page", PAGES)
def test_calls_in_sentences_name_commands_and_options_there_are(page: Page) -> None:
    mentions = [text for text in page.inline_code if "ab-assets " in text]
    problems = [problem for text in mentions if (problem := unknown_names(text))]
    assert not problems, f"{page.name} names what is not there: {'; '.join(problems)}"


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("ab-assets run --tga retention", "--tga"),
        ("ab-assets nonsense", "nonsense"),
        ("ab-assets schema --replication many", "many"),
        ("make dev && .venv/bin/ab-assets report", "--tag"),
    ],
)
def test_a_line_that_cannot_be_run_is_found(line: str, word: str) -> None:
    assert word in problem_of(line)


@pytest.mark.parametrize(
    ("line", "word"),
    [("ab-assets run --tga T", "--tga"), ("ab-assets growthbook push", "push")],
)
def test_a_mention_of_what_there_is_not_is_found(line: str, word: str) -> None:
    assert word in unknown_names(line)


def test_what_stands_around_a_call_is_left_out() -> None:
    line = "A=1 dc run code-server ab-assets schema --grants > grants.sql  # then edit it"
    assert list(calls(line)) == [["schema", "--grants"]]
