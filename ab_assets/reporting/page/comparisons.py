"""Goals, guardrails, secondary metrics and breakdowns: tables with forest plots.

What belongs here: those sections. What does not: reading rows, drawing.
"""

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from ab_assets.modules.model import Module
from ab_assets.reporting.formatting import chance, interval, p_value, plain_text, quantity, share
from ab_assets.reporting.language import Language
from ab_assets.reporting.page.charts import Effect, forest_svg
from ab_assets.reporting.page.content import Cell, Column, Picture, Section, Table, cell
from ab_assets.reporting.page.words import (
    Row,
    difference,
    difference_interval,
    outcome,
    outcome_words,
    uplift_interval,
)
from ab_assets.reporting.trust import TRUSTED

# Of a dimension the largest are drawn; all are in its table.
_MOST_SEGMENTS = 12
Field = tuple[str, bool, Callable[[Row], Cell]]


def goals(compared: pl.DataFrame, language: Language, confidence: str) -> Section:
    """What the experiment is for."""
    own = _rows(compared, "goal")
    return Section(
        language.say("Goals"),
        notes=_notes(own, language) if own else (language.say("No goal is set."),),
        tables=_tables(language.say("Goals"), own, _fields(language, confidence), language),
        pictures=_forest(own, language),
    )


def guardrails(
    compared: pl.DataFrame, module: Module, language: Language, confidence: str
) -> Section:
    """What must not get worse by more than its margin."""
    own = _rows(compared, "guardrail")

    def margin(row: Row) -> Cell:
        metric = module.metrics.get(row["metric"])
        allowed = metric.non_inferiority if metric else None
        return Cell(share(allowed).removeprefix("+"), allowed)

    field: Field = (language.say("accepted harm"), True, margin)
    title = language.say("Guardrails")
    fields = [*_fields(language, confidence), field]
    return Section(title, _notes(own, language), _tables(title, own, fields, language),
                   _forest(own, language))  # fmt: skip


def secondary(compared: pl.DataFrame, language: Language, confidence: str) -> Section:
    """What explains the goals."""
    own = _rows(compared, "secondary")
    title = language.say("Secondary metrics")
    tables = _tables(title, own, _fields(language, confidence), language)
    return Section(title, _notes(own, language), tables)


def breakdowns(rows: pl.DataFrame, language: Language, confidence: str) -> Section:
    """The goals within each value of each dimension."""
    parts = rows.filter((pl.col("dimension") != "") & ~pl.col("is_control"))
    sections = [
        _breakdown(str(dimension), own, language, confidence)
        for (dimension,), own in parts.group_by("dimension", maintain_order=True)
    ]
    shown = tuple(section for section in sections if section.tables)
    note = language.say("Exploratory: segments are many, and some differ by chance.")
    title = language.say("Breakdown by dimension")
    return Section(title, (note,) if shown else (), parts=shown)


def _breakdown(dimension: str, own: pl.DataFrame, language: Language, confidence: str) -> Section:
    found = _rows(own.sort("users", descending=True, maintain_order=True), "goal")
    title = language.say("By {dimension}", dimension=plain_text(dimension))
    segment: Field = (plain_text(dimension), False, lambda row: cell(row["dimension_value"]))
    pictures: list[Picture] = []
    for name in dict.fromkeys(row["metric"] for row in found):
        largest = [row for row in found if row["metric"] == name][:_MOST_SEGMENTS]
        pictures += _forest(largest, language, segmented=True)
    tables = _tables(title, found, [segment, *_fields(language, confidence)], language)
    return Section(title, tables=tables, pictures=tuple(pictures))


def _rows(compared: pl.DataFrame, role: str) -> list[Row]:
    return list(compared.filter(pl.col("role") == role).iter_rows(named=True))


def _fields(language: Language, confidence: str) -> list[Field]:
    """Title, whether it is a number, and the cell, of each column."""
    return [
        (language.say("metric"), False, _metric),
        (language.say("variation"), False, lambda row: cell(row["variation_name"])),
        (language.say("users"), True, lambda row: Cell(f"{row['users']:,}", row["users"])),
        (language.say("control"), True, lambda row: _amount(row, "control_mean")),
        (language.say("variation's mean"), True, lambda row: _amount(row, "mean")),
        (
            language.say("difference"),
            True,
            lambda row: Cell(difference(row["abs_diff"], row["unit"], language), row["abs_diff"]),
        ),
        (
            language.say("uplift"),
            True,
            lambda row: Cell(share(row["rel_uplift"]), row["rel_uplift"]),
        ),
        (
            language.say("{confidence} interval", confidence=confidence),
            True,
            lambda row: Cell(uplift_interval(row, language), row["rel_ci_low"]),
        ),
        (
            language.say("always-valid interval"),
            True,
            lambda row: Cell(
                difference_interval(row["seq_ci_low"], row["seq_ci_high"], row["unit"], language),
                row["seq_ci_low"],
            ),
        ),
        (
            language.say("p, corrected"),
            True,
            lambda row: Cell(p_value(row["p_value_adjusted"]), row["p_value_adjusted"]),
        ),
        (
            language.say("always-valid p"),
            True,
            lambda row: Cell(p_value(row["seq_p_value"]), row["seq_p_value"]),
        ),
        (
            language.say("chance to win"),
            True,
            lambda row: Cell(chance(row["chance_to_win"]), row["chance_to_win"]),
        ),
        (language.say("outcome"), False, lambda row: Cell(outcome_words(row, language))),
    ]


def _metric(row: Row) -> Cell:
    return Cell(plain_text(row["metric_title"]), key=plain_text(row["metric"]))


def _amount(row: Row, name: str) -> Cell:
    return Cell(quantity(row[name], row["unit"]), row[name])


def _tables(
    caption: str, rows: Sequence[Row], fields: Sequence[Field], language: Language
) -> tuple[Table, ...]:
    """One table, or none without rows; always-valid and variation columns only where they tell."""
    if not rows:
        return ()
    only = len({row["variation_key"] for row in rows}) == 1
    idle = {language.say("variation")} if only else set()
    if all(row["seq_ci_low"] is None for row in rows):
        idle |= {language.say("always-valid interval"), language.say("always-valid p")}
    kept = [item for item in fields if item[0] not in idle]
    columns = tuple(Column(title, is_number) for title, is_number, _ in kept)
    return (
        Table(caption, columns, tuple(tuple(make(row) for _, _, make in kept) for row in rows)),
    )


def _forest(
    rows: Sequence[Row], language: Language, *, segmented: bool = False
) -> tuple[Picture, ...]:
    drawn = [row for row in rows if row["rel_uplift"] is not None]
    if not drawn:
        return ()
    several = len({row["variation_key"] for row in drawn}) > 1
    effects, told = [], []
    for row in drawn:
        label = " · ".join(_label(row, several=several, segmented=segmented))
        bounds = row["rel_ci_low"], row["rel_ci_high"]
        known = f" ({interval(*bounds)})" if None not in bounds else " (∞)"
        effects.append(
            Effect(label, f"{share(row['rel_uplift'])}{known}", bounds[0], row["rel_uplift"],
                   bounds[1], outcome(row))
        )  # fmt: skip
        numbers = f"{share(row['rel_uplift'])} ({uplift_interval(row, language)})"
        told.append(f"{label}: {numbers}, {outcome_words(row, language)}")
    caption = language.say("Relative uplift in % with its interval")
    if segmented:
        caption = f"{plain_text(drawn[0]['metric_title'])} · {caption}"
    label = language.say("Forest plot of the relative uplift. {effects}", effects="; ".join(told))
    return (Picture(forest_svg(effects), label, caption),)


def _label(row: Row, *, several: bool, segmented: bool) -> Iterator[str]:
    yield row["dimension_value"] if segmented else row["metric_title"]
    if several:
        yield row["variation_name"]


def _notes(rows: Sequence[Row], language: Language) -> tuple[str, ...]:
    """Why numbers are missing, once a reason."""
    told: dict[str, list[str]] = {}
    for row in rows:
        complete = row["rel_ci_low"] is not None and row["p_value"] is not None
        if row["trust"] != TRUSTED and not complete:
            told.setdefault(row["trust"], []).append(row["metric_title"])
    return tuple(
        f"{', '.join(dict.fromkeys(names))}: {language.sentence(reason)}"
        for reason, names in told.items()
    )
