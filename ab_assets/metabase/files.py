"""The files of ``metabase/``: cards as SQL and YAML, and the dashboard.

What belongs here: their forms, and errors that name file and key. What does not: the API.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ab_assets.errors import ConfigurationError
from ab_assets.settings import PROJECT_ROOT

METABASE_FOLDER = PROJECT_ROOT / "metabase"
GRID_COLUMNS = 24
_TAG = re.compile(r"\{\{(.*?)\}\}")
_OUTSIDE = re.compile(r"\[\[.*?\]\]", re.DOTALL)


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CardForm(_Form):
    """``cards/<key>.yaml``: how a card looks."""

    name: str = Field(min_length=1)
    description: str = Field(min_length=1)
    display: str = Field(pattern="^(table|bar|row|line|area|scalar|pie|combo)$")
    visualization_settings: dict[str, object] = {}


class FilterForm(_Form):
    """A filter: its name on screen, and the column of ``filter_values`` it is chosen from."""

    name: str = Field(min_length=1)
    column: str = Field(min_length=1)


class PlaceForm(_Form):
    """Where a card stands in its tab, on a grid of 24 columns."""

    card: str
    column: int = Field(ge=0, lt=GRID_COLUMNS)
    row: int = Field(ge=0)
    width: int = Field(ge=1, le=GRID_COLUMNS)
    height: int = Field(ge=1)

    @model_validator(mode="after")
    def _fits(self) -> "PlaceForm":
        if self.column + self.width > GRID_COLUMNS:
            message = f"column + width is {self.column + self.width}, the grid has {GRID_COLUMNS}"
            raise ValueError(message)
        return self


class TabForm(_Form):
    """A tab."""

    name: str = Field(min_length=1)
    cards: tuple[PlaceForm, ...] = Field(min_length=1)


class DashboardForm(_Form):
    """``dashboard.yaml``."""

    name: str = Field(min_length=1)
    description: str = Field(min_length=1)
    filters: dict[str, FilterForm]
    filter_values: str
    tabs: tuple[TabForm, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Card:
    """A card: its form, its SQL, and the filters the SQL names."""

    key: str
    form: CardForm
    sql: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MetabaseFiles:
    """Everything in the folder."""

    cards: Mapping[str, Card]
    dashboard: DashboardForm


def read_files(folder: Path = METABASE_FOLDER) -> MetabaseFiles:
    """Reads the folder.

    Raises:
        ConfigurationError: A file is missing or wrong; the message names it and the key.
    """
    path = folder / "dashboard.yaml"
    dashboard = _form(path, DashboardForm)
    names = {item.stem for item in (folder / "cards").glob("*.*") if item.suffix in _SUFFIXES}
    cards = {name: _card(folder / "cards", name, dashboard) for name in sorted(names)}
    placed = [place.card for tab in dashboard.tabs for place in tab.cards]
    for name in (dashboard.filter_values, *placed):
        if name not in cards:
            message = f"{path}: there is no card {name!r} in {folder / 'cards'}"
            raise ConfigurationError(message)
    doubled = {name for name in placed if placed.count(name) > 1}
    if doubled:
        message = f"{path}: the card {min(doubled)!r} stands twice; a card has one place"
        raise ConfigurationError(message)
    return MetabaseFiles(cards, dashboard)


_SUFFIXES = {".sql", ".yaml"}
FormT = TypeVar("FormT", bound=_Form)


def _card(folder: Path, key: str, dashboard: DashboardForm) -> Card:
    form = _form(folder / f"{key}.yaml", CardForm)
    path = folder / f"{key}.sql"
    sql = _text(path).strip()
    tags = tuple(dict.fromkeys(name.strip() for name in _TAG.findall(sql)))
    for name in tags:
        if name not in dashboard.filters:
            message = f"{path}: {{{{{name}}}}} is no filter of dashboard.yaml"
            raise ConfigurationError(message)
    if _TAG.search(_OUTSIDE.sub("", sql)):
        message = f"{path}: a filter stands in an optional clause, as in [[AND tag = {{{{tag}}}}]]"
        raise ConfigurationError(message)
    return Card(key, form, sql, tags)


def _form(path: Path, kind: type[FormT]) -> FormT:
    try:
        return kind.model_validate(yaml.safe_load(_text(path)))
    except yaml.YAMLError as error:
        message = f"{path}: it is no YAML: {' '.join(str(error).split())}"
        raise ConfigurationError(message) from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        message = f"{path}: {key}: {first['msg'].removeprefix('Value error, ')}"
        raise ConfigurationError(message) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read ({type(error).__name__}); a card is a .sql and a .yaml"
        raise ConfigurationError(message) from None
