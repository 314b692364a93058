"""The files of ``deploy/``, read as Compose and Docker read them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import typer
import yaml
from dagster._cli import cli as dagster_command
from dagster._daemon.cli import cli as daemon_command
from dagster_webserver.cli import dagster_webserver as webserver_command

from ab_assets.cli.application import app
from ab_assets.settings import PROJECT_ROOT

DEPLOY = PROJECT_ROOT / "deploy"
COMPOSE_TEXT = (DEPLOY / "compose.yaml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("schema", "code-server", "webserver", "daemon")

_IMAGE_HOME = "/opt/dagster"
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<way>[-?])(?P<rest>[^}]*))?\}")
_COMMANDS: Mapping[str, Any] = {
    "ab-assets": typer.main.get_command(app),
    "dagster": dagster_command,
    "dagster-daemon": daemon_command,
    "dagster-webserver": webserver_command,
}


def variables() -> dict[str, set[str]]:
    """Each variable of compose.yaml, and the defaults it is used with; no default is ''."""
    found: dict[str, set[str]] = {}
    for match in _VARIABLE.finditer(COMPOSE_TEXT):
        default = match["rest"] if match["way"] == "-" else ""
        found.setdefault(match["name"], set()).add(default or "")
    return found


def example() -> dict[str, str]:
    """environment.example."""
    lines = (DEPLOY / "environment.example").read_text("utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


def resolve(text: str, given: Mapping[str, str]) -> str:
    """Puts values into a text of compose.yaml."""

    def value(match: re.Match[str]) -> str:
        return given.get(match["name"]) or (match["rest"] if match["way"] == "-" else "")

    return _VARIABLE.sub(value, text).replace("$$", "$")


def parse_command(words: Sequence[str]) -> list[str]:
    """Reads a command line by the command's own definition, without running it.

    Returns:
        The path of commands it leads to.

    Raises:
        click.ClickException: It is no command line of ours.
    """
    name, *rest = words
    command = _COMMANDS[name]
    path = [name]
    # Typer brings a click of its own, so a group is told by what it can do.
    while hasattr(command, "commands") and rest:
        found = command.commands.get(rest[0])
        if found is None:
            message = f"{' '.join(path)} has no command {rest[0]!r}"
            raise click.UsageError(message)
        command, path, rest = found, [*path, rest[0]], rest[1:]
    command.make_context(path[-1], [_here(word) for word in rest])
    return path


def _here(word: str) -> str:
    """A word of a command line; a file of the image as the file it is made of."""
    return str(container_path(word)) if word.startswith(f"{_IMAGE_HOME}/") else word


@dataclass(frozen=True)
class Instruction:
    """One instruction of the Dockerfile."""

    stage: int
    word: str
    text: str


def dockerfile() -> list[Instruction]:
    """The Dockerfile's instructions, continued lines joined."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    found: list[Instruction] = []
    stage = -1
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.strip().partition(" ")
        stage += word == "FROM"
        found.append(Instruction(stage, word, rest.strip()))
    return found


def copied() -> list[str]:
    """What the Dockerfile takes from the build context."""
    return [
        source
        for instruction in dockerfile()
        if instruction.word == "COPY" and "--from=" not in instruction.text
        for source in [part for part in instruction.text.split() if not part.startswith("--")][:-1]
    ]


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps a file out: the last rule that fits it or a folder above wins."""
    ignored = False
    for line in (PROJECT_ROOT / ".dockerignore").read_text("utf-8").splitlines():
        rule = line.strip()
        if rule and not rule.startswith("#") and _fits(rule.removeprefix("!"), path):
            ignored = not rule.startswith("!")
    return ignored


def _fits(rule: str, path: str) -> bool:
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", rule.strip("/"))
    pattern = "".join(pieces.get(token, re.escape(token)) for token in tokens)
    return re.fullmatch(f"{pattern}(?:/.*)?", path) is not None


def context_files(folders: Sequence[str]) -> Iterator[str]:
    """The files of some folders of the project, as paths in the build context."""
    for folder in folders:
        top = PROJECT_ROOT / folder
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file():
                yield path.relative_to(PROJECT_ROOT).as_posix()


def environment_of(service: str, given: Mapping[str, str]) -> dict[str, str]:
    """What a container's processes see of compose.yaml."""
    stated = SERVICES[service].get("environment", {})
    return {name: resolve(str(value), given) for name, value in stated.items()}


def container_path(path: str) -> Path:
    """A file of the image that comes from deploy/, here."""
    return DEPLOY / Path(path).relative_to(_IMAGE_HOME)
