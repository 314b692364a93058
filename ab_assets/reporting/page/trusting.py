"""Why a result may be believed: health, methods and provenance.

What belongs here: those sections. What does not: checks, statistics.
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import version

import polars as pl

from ab_assets.experiments import moment
from ab_assets.health.finding import Finding
from ab_assets.reporting.formatting import chance, number, p_value, plain_text, quantity
from ab_assets.reporting.language import Language
from ab_assets.reporting.page.content import Cell, Column, Section, Table, cell
from ab_assets.reporting.page.source import PageSource
from ab_assets.reporting.page.words import Row

_STATUS_MARKS = {"pass": "✓", "warn": "▲", "fail": "✕"}
# "none" is a decision, too.
_CORRECTIONS = {"none": "no correction"}
_BADNESS = {"pass": 2, "warn": 1, "fail": 0}


def health(findings: Iterable[Finding], language: Language) -> Section:
    """Every check, failures first."""
    title = language.say("Health checks")
    ordered = sorted(findings, key=lambda item: _BADNESS[item.status.value])
    if not ordered:
        return Section(title, (language.say("No check of this day is recorded."),))
    columns = (
        Column(language.say("status")),
        Column(language.say("check")),
        Column(language.say("finding")),
        Column("p", is_number=True),
        Column(language.say("by arm")),
    )
    rows = tuple(
        (
            Cell(
                f"{_STATUS_MARKS[item.status.value]} {language.sentence(item.status.value)}",
                _BADNESS[item.status.value],
            ),
            Cell(_check_name(item.check.value, language)),
            cell(language.sentence(item.message)),
            Cell(p_value(item.p_value), item.p_value),
            cell(_by_arm(item.detail, language)),
        )
        for item in ordered
    )
    return Section(title, tables=(Table(title, columns, rows),))


def method(source: PageSource, compared: pl.DataFrame, language: Language) -> Section:
    """Which test made the numbers of each metric, and what was done to its values."""
    engine = source.module.engine
    columns = (
        Column(language.say("metric")),
        Column(language.say("variation")),
        Column(language.say("test")),
        Column("CUPED"),
        Column(language.say("variance reduction"), is_number=True),
        Column(language.say("cap"), is_number=True),
    )
    rows = tuple(_method_row(row, language) for row in compared.iter_rows(named=True))
    note = language.say(
        "Error rate {alpha}; goals are corrected together by {correction}. Relative intervals "
        "are Fieller's; always-valid intervals may be looked at every day, fixed ones once, at "
        "the end.",
        alpha=f"{100 * engine.alpha:g} %",
        correction=language.say(_CORRECTIONS.get(engine.correction, engine.correction)),
    )
    title = language.say("Method")
    return Section(title, (note,), (Table(title, columns, rows),))


def provenance(source: PageSource, row: Row, language: Language) -> Section:
    """What the numbers were made from."""
    paths = [language.sentence(path) for path in source.wide_paths]
    facts = {
        "configuration": row["config_hash"],
        "SQL": row["sql_hash"],
        "run": row["run_id"],
        "computed at": moment(row["computed_at"], source.zone),
        "wide table made": ", ".join(paths) or language.say("no longer kept"),
        "time zone": source.zone.key,
        "version": f"ab_assets {version('ab_assets')}",
    }
    title = language.say("Provenance")
    columns = (Column(language.say("what")), Column(language.say("value")))
    rows = tuple((Cell(language.say(name)), cell(str(value))) for name, value in facts.items())
    return Section(title, tables=(Table(title, columns, rows),))


def _check_name(name: str, language: Language) -> str:
    told = language.sentence(name)
    return told.replace("_", " ") if told == name else told


def _method_row(row: Row, language: Language) -> tuple[Cell, ...]:
    reduction = row["variance_reduction"]
    return (
        cell(row["metric_title"]),
        cell(row["variation_name"]),
        cell(language.sentence(row["method"] or "–")),
        Cell(language.say("yes") if row["cuped"] else language.say("no")),
        Cell(chance(reduction), reduction),
        Cell(quantity(row["cap_value"], row["unit"]), row["cap_value"]),
    )


def _by_arm(detail: Mapping[str, object], language: Language) -> str:
    """The numbers of each arm, where the check has one an arm; what is nested is for programs."""
    parts = []
    for name, values in detail.items():
        if isinstance(values, Mapping) and all(
            isinstance(one, int | float) for one in values.values()
        ):
            told = ", ".join(f"{key}: {number(float(value))}" for key, value in values.items())
            parts.append(f"{language.say(name)}: {told}")
    return plain_text("; ".join(parts))
