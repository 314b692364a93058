"""Lines that call ``ab-assets``, held against the application itself; nothing is run."""

import re
import shlex
from collections.abc import Iterator
from functools import cache

import typer

from ab_assets.cli.application import app
from tools.commands_page import Command

_ENDS = {"|", "||", "&&", ";", ">", ">>", "<", "2>", "(", ")", "&"}


@cache
def application() -> Command:
    return typer.main.get_command(app)


def problem_of(line: str) -> str:
    """What is wrong with a line of a shell; empty where nothing is, or where it is no call."""
    problems = (_parse(arguments) for arguments in calls(line))
    return "; ".join(f"{line!r}: {problem}" for problem in problems if problem)


def unknown_names(line: str) -> str:
    """Like :func:`problem_of` for a mention in prose, which may leave out what a call needs."""
    found = []
    for arguments in calls(line):
        command, rest = _find(arguments)
        known = {name for item in command.params for name in (*item.opts, *item.secondary_opts)}
        found += [
            f"{line!r}: there is no {word}"
            for word in rest
            if word.startswith("--") and word.split("=")[0] not in known | {"--help"}
        ]
        words = [word for word in rest if not word.startswith("-")]
        if getattr(command, "commands", None) and words and re.match(r"[a-z]", words[0]):
            found.append(f"{line!r}: there is no command {words[0]!r}")
    return "; ".join(found)


def calls(line: str) -> Iterator[list[str]]:
    """The arguments of each call of the program in a line."""
    splitter = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
    splitter.whitespace_split = True
    words: list[str] = []
    for word in [*splitter, ";"]:
        if word not in _ENDS:
            words.append(word)
            continue
        for place, name in enumerate(words):
            if name.split("/")[-1] == "ab-assets":
                yield words[place + 1 :]
                break
        words = []


def _find(arguments: list[str]) -> tuple[Command, list[str]]:
    command, rest = application(), list(arguments)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    return command, rest


def _parse(arguments: list[str]) -> str:
    command, rest = _find(arguments)
    if hasattr(command, "commands"):
        return "" if rest == ["--help"] else f"there is no command {' '.join(rest)!r}"
    if rest == ["--help"]:
        return ""
    try:
        with command.make_context(command.name, rest):
            return ""
    except SystemExit:
        return "it only shows help"
    except Exception as error:  # Typer's own kind is private
        told = getattr(error, "format_message", None)
        return str(told() if told else error)
