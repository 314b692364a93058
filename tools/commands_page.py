"""``docs/commands.md``: the help of every command as a page, made from the application.

What belongs here: how a command's help becomes Markdown. What does not: the words, which stand at
the commands themselves (``ab_assets/cli``).

``make docs`` writes the page. It depends on the commands alone: not on the terminal, nor on where
the project lies.
"""

import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from ab_assets.cli.application import app
from ab_assets.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "commands.md"
PROGRAM = "ab-assets"
# Typer's classes for commands and options are its own and change; the attributes read here do not.
Command = Any
Parameter = Any

_HEAD = """\
# Commands

<!-- Made from the commands' own help by `make docs`; edit ab_assets/cli, not this page. -->

`{program} COMMAND --help` shows the same in a terminal. Where the data lies is said by environment
variables ([settings](../README.md#settings)).
"""


def commands_page() -> str:
    """The page's text."""
    root = typer.main.get_command(app)
    parts = [_HEAD.format(program=PROGRAM), _prose(root), _contents(root)]
    for path, command in commands(root):
        parts.append(_section(path, command))
    return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)


def commands(command: Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and subcommand below one, each group before what it holds.

    Args:
        command: The application or a group.
        path: The names that lead to it.

    Yields:
        The names that lead to the command, and the command.
    """
    for name, found in sorted(getattr(command, "commands", {}).items()):
        if not found.hidden:
            yield (*path, name), found
            yield from commands(found, (*path, name))


def examples(help_text: str) -> list[str]:
    r"""The command lines of a help text, without their backticks.

    Examples:
        >>> examples("Show a report.\n\nFor example:\n\n`ab-assets report --tag ads`")
        ['ab-assets report --tag ads']
    """
    return [
        found.group(1)
        for block in _blocks(help_text)
        if (found := re.fullmatch(r"(?:Example: )?`([^`]+)`", block))
    ]


def _section(path: tuple[str, ...], command: Command) -> str:
    title = " ".join((PROGRAM, *path))
    parts = [f"{'#' * (len(path) + 1)} {title}\n", _prose(command)]
    if not hasattr(command, "commands"):
        parts.append(f"```text\n{title}{_usage(command)}\n```\n")
        parts.append(_table(command))
        lines = examples(command.help or "")
        if lines:
            parts.append("```console\n" + "\n".join(lines) + "\n```\n")
    return "\n".join(part for part in parts if part)


def _prose(command: Command) -> str:
    """The help without its examples, which have a place of their own."""
    kept = [
        block
        for block in _blocks(command.help or "")
        if block != "For example:" and not examples(block)
    ]
    return "\n\n".join(kept) + "\n" if kept else ""


def _blocks(help_text: str) -> list[str]:
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", help_text) if block.strip()]


def _contents(root: Command) -> str:
    lines = ["| command | does |", "|---|---|"]
    for path, command in commands(root):
        title = " ".join((PROGRAM, *path))
        first = _cell(_blocks(command.help or "")[0])
        lines.append(f"| [`{title}`](#{title.replace(' ', '-')}) | {first} |")
    return "\n".join(lines) + "\n"


def _usage(command: Command) -> str:
    shown = [item for item in command.params if not getattr(item, "hidden", False)]
    words = []
    for item in sorted(shown, key=_is_argument):
        name = _name(item) + (" …" if _is_argument(item) and item.nargs != 1 else "")
        words.append(name if item.required else f"[{name}]")
    return "".join(f" {word}" for word in words)


def _table(command: Command) -> str:
    shown = [item for item in command.params if not getattr(item, "hidden", False)]
    if not shown:
        return ""
    lines = ["| option | means | default |", "|---|---|---|"]
    lines += [
        f"| `{_cell(_name(item))}` | {_cell(_means(item))} | {_default(item)} |" for item in shown
    ]
    return "\n".join(lines) + "\n"


def _means(item: Parameter) -> str:
    text = " ".join((item.help or "").split())
    if getattr(item, "multiple", False) and "several" not in text:
        text += " May be given several times."
    variables = [item.envvar] if isinstance(item.envvar, str) else list(item.envvar or ())
    if variables:
        text += f" Environment: {', '.join(f'`{name}`' for name in variables)}."
    return text


def _name(item: Parameter) -> str:
    value = item.metavar or "|".join(_choices(item)) or item.name.upper()
    if _is_argument(item):
        return str(value)
    names = ", ".join([*item.opts, *item.secondary_opts])
    return names if item.is_flag else f"{names} {value}"


def _choices(item: Parameter) -> list[str]:
    annotation = getattr(getattr(item, "type_descriptor", None), "annotation", None)
    return [str(value) for value in typing.get_args(annotation) if isinstance(value, str)]


def _default(item: Parameter) -> str:
    if item.required:
        return "required"
    if isinstance(item.show_default, str):
        return _cell(item.show_default)
    default = item.default
    if default is None or default is False or default in ("", (), []) or callable(default):
        return ""
    if isinstance(default, Path) and default.is_relative_to(PROJECT_ROOT):
        return f"`{default.relative_to(PROJECT_ROOT)}` in the project"
    return f"`{_cell(str(default))}`"


def _is_argument(item: Parameter) -> bool:
    return bool(item.param_type_name == "argument")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Writes the page."""
    PAGE.write_text(commands_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
