"""Statements: the files of ``sql/`` with their binds.

What belongs here: rendering a file, holding text and bound values together, the hash of a text.
What does not: whether the text is portable (portable.py) and running it.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import jinja2
from jinja2.runtime import Context, Macro
from jinja2.sandbox import SandboxedEnvironment
from sqlglot.errors import TokenError

from ab_assets.errors import ConfigurationError, StatementError
from ab_assets.warehouse.names import Fragment, identifier, identifiers
from ab_assets.warehouse.tables import TableDefinition
from ab_assets.warehouse.tokens import bind_names, normalised


@dataclass(frozen=True)
class Statement:
    """A statement in the StarRocks dialect and the values of its binds.

    Attributes:
        name: Where the text comes from, for messages: the file under ``sql/``.
        text: The text, with binds as ``:name``.
        parameters: A value for each bind, no more and no less.
        in_parts: Gives so many statements that together give the same rows, for an engine that has
            not enough memory for all of them at once; ``None`` where there is no such way.
    """

    name: str
    text: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    in_parts: Callable[[int], Sequence["Statement"]] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Checks that binds and values agree."""
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        try:
            binds = bind_names(self.text)
        except TokenError as error:
            message = f"{self.name}: the text cannot be read as SQL: {error}"
            raise StatementError(message) from None
        missing = sorted(binds - self.parameters.keys())
        unused = sorted(self.parameters.keys() - binds)
        if missing:
            message = f"{self.name}: no value is given for the binds {_colons(missing)}"
            raise StatementError(message)
        if unused:
            message = (
                f"{self.name}: values are given for {_colons(unused)}, which the text does not use"
            )
            raise StatementError(message)

    @property
    def sql_hash(self) -> str:
        """Sixteen hex digits of the text without comments and white space; values are not in it."""
        return hashlib.sha256(normalised(self.text).encode()).hexdigest()[:16]


def plain_value(bind: str, value: object) -> object:
    """A bind's value as every driver takes it: times naive in UTC, text of no class of ours.

    Raises:
        StatementError: A value of this kind cannot be bound.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, str):
        return str.__str__(value)
    if value is None or isinstance(value, bool | int | float | date | Decimal):
        return value
    message = (
        f"the bind :{bind} is given a {type(value).__name__}; text, numbers, booleans, dates, "
        "times and None can be bound (a list has to become rows or one bind each)"
    )
    raise StatementError(message)


class StatementLibrary:
    """The folder ``sql/``: renders its files with Jinja2.

    A template may output only fragments (checked names, checked expressions, other templates) and
    whole numbers; any other text is refused, so that no value of outside can be pasted into SQL.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._environment = _StatementEnvironment(
            loader=jinja2.FileSystemLoader(root),
            undefined=jinja2.StrictUndefined,
            finalize=_finalize,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(_FILTERS)

    def render(self, path: str, parameters: Mapping[str, object], **context: object) -> Statement:
        """Renders a file.

        Args:
            path: The file, from the root of the folder.
            parameters: A value for each bind of the rendered text.
            **context: What the template needs to know: names, definitions, fragments, numbers.

        Raises:
            StatementError: The file is missing or wrong, or asks for something that was not given.
        """
        try:
            text = self._environment.get_template(path).render(context)
        except jinja2.TemplateNotFound as error:
            message = f"{path}: there is no file {error.name} under {self._root}"
            raise StatementError(message) from None
        except jinja2.TemplateSyntaxError as error:
            message = f"{error.name or path}, line {error.lineno}: {error.message}"
            raise StatementError(message) from None
        except (jinja2.TemplateError, ConfigurationError, StatementError, TypeError) as error:
            message = f"{path}: {error}"
            raise StatementError(message) from None
        return Statement(path, text, parameters)


class _StatementEnvironment(SandboxedEnvironment):
    """A sandbox whose macros give fragments: what they output was checked inside them."""

    def call(
        self, context: Context, function: Callable[..., object], *args: object, **kwargs: object
    ) -> object:
        result = super().call(context, function, *args, **kwargs)
        return Fragment(result) if isinstance(function, Macro) else result


def _finalize(value: object) -> object:
    if isinstance(value, Fragment | jinja2.Undefined):
        return value  # printing what is undefined raises with its name
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    message = (
        f"{value!r} may not be written into SQL text; bind it as a parameter, or pass a name "
        "through the filter 'identifier'"
    )
    raise StatementError(message)


def _join(parts: Iterable[object], separator: str = "") -> Fragment:
    return Fragment(separator.join(str(_finalize(part)) for part in parts))


def _table(definition: object) -> Fragment:
    if not isinstance(definition, TableDefinition):
        message = f"{definition!r} is no table definition"
        raise StatementError(message)
    return Fragment(f"{identifier(definition.schema)}.{identifier(definition.name)}")


_FILTERS: dict[str, Callable[..., Fragment]] = {
    "identifier": identifier,
    "identifiers": identifiers,
    "join": _join,
    "table": _table,
}


def _colons(names: Iterable[str]) -> str:
    return ", ".join(f":{name}" for name in names)
