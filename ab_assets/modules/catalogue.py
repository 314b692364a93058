"""The modules together: which module a tag belongs to, and what its tables are called.

What belongs here: questions about all modules at once. What does not: reading files.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Self

from ab_assets.errors import ConfigurationError, UnknownTagError
from ab_assets.modules.measures import measures_of
from ab_assets.modules.model import Module

_OUTSIDE_IDENTIFIER = re.compile(r"[^a-z0-9_]")


@dataclass(frozen=True, slots=True)
class ModuleCatalogue:
    """All modules, and the module of each tag."""

    modules: tuple[Module, ...]
    _module_of: Mapping[str, Module]

    @classmethod
    def of(cls, files: Iterable[tuple[Path, Module]]) -> Self:
        """Checks that the modules go together.

        Raises:
            ConfigurationError: Two modules share a name or claim one tag, or two tags would share a
                table.
        """
        module_of: dict[str, tuple[Path, Module]] = {}
        path_of: dict[str, Path] = {}
        for path, module in files:
            if module.module in path_of:
                message = (
                    f"{path}: module: {module.module!r} is already the name of "
                    f"{path_of[module.module]}"
                )
                raise ConfigurationError(message)
            path_of[module.module] = path
            _check_measures(path, module)
            for tag in module.tags:
                if tag in module_of:
                    message = (
                        f"{path}: tags: {tag!r} already belongs to {module_of[tag][0]}; "
                        "a tag has exactly one module"
                    )
                    raise ConfigurationError(message)
                module_of[tag] = (path, module)
        _check_tables_differ(module_of)
        modules = {module.module: module for _, module in module_of.values()}
        return cls(
            tuple(modules.values()),
            MappingProxyType({tag: module for tag, (_, module) in module_of.items()}),
        )

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules)

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag of every module, sorted."""
        return tuple(sorted(self._module_of))

    def module_of(self, tag: str) -> Module:
        """The module a tag belongs to.

        Raises:
            UnknownTagError: No module claims it; the message names the nearest tag.
        """
        if tag in self._module_of:
            return self._module_of[tag]
        near = get_close_matches(tag, self.tags, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known tags: {', '.join(self.tags)}"
        message = f"no module claims tag {tag!r}; {hint} (tags are declared in */module.yaml)"
        raise UnknownTagError(message)

    def unclaimed(self, tags: Iterable[str]) -> tuple[str, ...]:
        """Those of the given tags that no module claims, sorted."""
        return tuple(sorted({tag for tag in tags if tag not in self._module_of}))


def table_suffix(tag: str) -> str:
    """What a tag becomes in a table's name.

    Examples:
        >>> table_suffix("Chat-Entry.v2")
        'chat_entry_v2'
    """
    return _OUTSIDE_IDENTIFIER.sub("_", tag.lower())


def _check_measures(path: Path, module: Module) -> None:
    try:
        measures_of(module, module.metrics.values())
    except ConfigurationError as error:
        message = f"{path}: {error}"
        raise ConfigurationError(message) from None


def _check_tables_differ(module_of: Mapping[str, tuple[Path, Module]]) -> None:
    owner: dict[str, str] = {}
    for tag, (path, module) in sorted(module_of.items()):
        table = f"{module.module}_{table_suffix(tag)}"
        if table in owner:
            message = (
                f"{path}: tags: {owner[table]!r} and {tag!r} would share the table …_{table}; "
                "rename one of them"
            )
            raise ConfigurationError(message)
        owner[table] = tag
