"""docs/commands.md says what the commands' own help says, and that help is worth reading."""

import pytest
import typer

from ab_assets.cli.application import app
from tests.docs.command_lines import problem_of
from tools.commands_page import PAGE, Command, commands, commands_page, examples

COMMANDS = [
    pytest.param(path, command, id=" ".join(path))
    for path, command in commands(typer.main.get_command(app))
    if not hasattr(command, "commands")
]


def test_the_page_is_what_the_commands_say_now() -> None:
    assert PAGE.read_text(encoding="utf-8") == commands_page(), (
        "docs/commands.md is not what the commands' help says now; run `make docs`"
    )


def test_the_page_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    before = commands_page()
    for name, value in {"COLUMNS": "31", "TERMINAL_WIDTH": "31", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert commands_page() == before


def test_the_page_names_no_place_of_this_machine() -> None:
    assert str(PAGE.parent.parent) not in commands_page()


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_each_command_tells_its_exit_codes(path: tuple[str, ...], command: Command) -> None:
    assert "\n\nExit codes: 0 " in (command.help or "").replace("\n    ", "\n"), (
        f"the help of {' '.join(path)} needs a paragraph that begins with 'Exit codes: 0 …'"
    )


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_each_command_says_what_it_reads(path: tuple[str, ...], command: Command) -> None:
    assert "Reads " in (command.help or ""), (
        f"the help of {' '.join(path)} needs a sentence 'Reads … Writes …'"
    )


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_each_command_has_an_example_that_can_be_run(
    path: tuple[str, ...], command: Command
) -> None:
    lines = examples(command.help or "")
    own = " ".join(("ab-assets", *path))
    assert any(own in line for line in lines), (
        f"the help of {own} needs a paragraph like `{own} --tag retention`"
    )
    assert [problem for line in lines if (problem := problem_of(line))] == []
