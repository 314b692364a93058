"""Commands that are imported when they are called.

What belongs here: a group that knows of its commands their names and summaries, and where each is.
What does not: which commands there are (:mod:`ab_assets.cli.application`).
"""

from collections.abc import Iterator, Mapping, MutableMapping
from copy import copy
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

# Typer's classes are its own and change; what is used of them here does not.
Command = Any


class LoadedCommands(MutableMapping[str, Command]):
    """Commands by name: looking one up imports it, their names import nothing.

    The command ``run`` is the function ``run`` of ``run_command``, or an application of its own.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = dict.fromkeys(names)
        self._loaded: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._loaded:
            self._loaded[name] = _command(name)
        return self._loaded[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._names[name] = None
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._names[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def lazy_group(summaries: Mapping[str, str]) -> type[TyperGroup]:
    """A group of commands, for ``typer.Typer(cls=…)``.

    Args:
        summaries: Each command's name, and the first sentence of its help, in the order they are
            listed.
    """

    class LazyGroup(TyperGroup):
        def __init__(self, **settings: Any) -> None:  # noqa: ANN401 (Typer's settings)
            super().__init__(**{**settings, "commands": {}})
            self.commands = LoadedCommands(summaries)

        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 (Typer's signature)
            return list(self.commands)

        def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
            listing = copy(self)
            listing.commands = {
                name: TyperCommand(name, help=summary) for name, summary in summaries.items()
            }
            super(LazyGroup, listing).format_help(ctx, formatter)

    return LazyGroup


def _command(name: str) -> Command:
    found = getattr(import_module(f"ab_assets.cli.{name}_command"), name)
    application = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode="markdown")
    if isinstance(found, typer.Typer):
        application.add_typer(found, name=name)
    else:
        application.command(name)(found)
    return typer.main.get_group(application).commands[name]
