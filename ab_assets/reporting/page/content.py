"""What a page is made of, ready to be shown: every text is translated, every number formatted.

What belongs here: those shapes. What does not: where they come from, HTML.
"""

from dataclasses import dataclass

from ab_assets.reporting.formatting import plain_text


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        order: What its column sorts by, where that is not its text.
        key: What programs call it, shown below its text; empty where there is none.
    """

    text: str
    order: float | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, and whether it holds numbers (aligned right)."""

    title: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be sorted."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: SVG that vl-convert made, what it shows in words, and what stands above it."""

    svg: str
    label: str
    caption: str


@dataclass(frozen=True, slots=True)
class Bar:
    """How much of something is there; ``filled`` is 0 to 1."""

    label: str
    filled: float
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an experiment's page; its own parts are closed until they are asked for."""

    title: str
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    bars: tuple[Bar, ...] = ()
    parts: tuple["Section", ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What to do with one variation; ``decision`` is the word of the table, for the colour."""

    variation: str
    decision: str
    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExperimentContent:
    """One experiment; ``distrust`` is empty where its results may be believed."""

    anchor: str
    name: str
    key: str
    facts: tuple[tuple[str, str], ...]
    distrust: str
    decisions: tuple[Decided, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class PageContent:
    """A page; ``nothing`` says why there is no experiment on it."""

    title: str
    subtitle: str
    experiments: tuple[ExperimentContent, ...]
    nothing: str = ""


def cell(text: str) -> Cell:
    """A cell with text from outside."""
    return Cell(plain_text(text))
