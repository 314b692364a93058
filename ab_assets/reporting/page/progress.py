"""How far an experiment is: its effects over the days, and users now against users needed.

What belongs here: those two sections. What does not: drawing.
"""

import math
from datetime import UTC, datetime

import polars as pl

from ab_assets.experiments import day_bounds
from ab_assets.reporting.formatting import chance, plain_text, share
from ab_assets.reporting.language import Language
from ab_assets.reporting.page.charts import DayEffect, series_svg
from ab_assets.reporting.page.content import Bar, Cell, Column, Picture, Section, Table, cell
from ab_assets.reporting.page.source import PageSource
from ab_assets.reporting.page.words import POINTS, Row, difference

_FEWEST_DAYS = 2


def effect_series(source: PageSource, compared: pl.DataFrame, language: Language) -> Section:
    """Goals and guardrails over the days of the phase."""
    title = language.say("Effect over time")
    shown = compared.filter(pl.col("role").is_in(["goal", "guardrail"]))
    pictures = []
    for row in shown.iter_rows(named=True):
        days = source.history.filter(
            (pl.col("experiment_id") == row["experiment_id"])
            & (pl.col("metric") == row["metric"])
            & (pl.col("variation_key") == row["variation_key"])
            & pl.col("abs_diff").is_not_null()
        ).sort("event_date")
        if days.height >= _FEWEST_DAYS:
            pictures.append(_series(row, days, language))
    if not pictures:
        return Section(title, (language.say("Fewer than two days of reports: nothing to draw."),))
    note = language.say(
        "Difference to the control, cumulative from the start of the phase to each day. Lines: the "
        "interval of a single look; band: the always-valid interval, which holds at every look."
    )
    return Section(title, (note,), pictures=tuple(pictures))


def power_progress(source: PageSource, compared: pl.DataFrame, language: Language) -> Section:
    """For each goal the users there are of those its planned size needs."""
    goals = list(compared.filter(pl.col("role") == "goal").iter_rows(named=True))
    title = language.say("Power and progress")
    if not goals:
        return Section(title, (language.say("No goal is set."),))
    so_far = _days_so_far(source, goals[0])
    columns = (
        Column(language.say("metric")),
        Column(language.say("variation")),
        Column(language.say("users, both arms"), is_number=True),
        Column(language.say("users needed"), is_number=True),
        Column(language.say("days so far"), is_number=True),
        Column(language.say("days left"), is_number=True),
        Column(language.say("power"), is_number=True),
        Column(language.say("detectable uplift"), is_number=True),
    )
    rows = tuple(_progress(row, so_far) for row in goals)
    note = language.say(
        "Needed to find an effect of {effect} with a power of {power}, at the variances and the "
        "pace seen so far; a metric of its own smallest effect uses that.",
        effect=share(source.module.engine.minimum_effect).removeprefix("+"),
        power=chance(source.module.engine.power),
    )
    bars = tuple(_bar(row, language) for row in goals if row["users_needed"])
    return Section(title, (note,), (Table(title, columns, rows),), bars=bars)


def _series(row: Row, days: pl.DataFrame, language: Language) -> Picture:
    effects = [
        DayEffect(
            day["event_date"],
            day["abs_diff"],
            day["abs_ci_low"],
            day["abs_ci_high"],
            day["seq_ci_low"],
            day["seq_ci_high"],
        )
        for day in days.iter_rows(named=True)
    ]
    percent = row["unit"] == "percent"
    unit = language.say(POINTS) if percent else plain_text(row["unit"])
    name = f"{row['metric_title']} · {row['variation_name']}"
    label = language.say(
        "{name} over {days} days: from {first} to {last}",
        name=plain_text(name),
        days=len(effects),
        first=difference(effects[0].point, row["unit"], language),
        last=difference(effects[-1].point, row["unit"], language),
    )
    caption = plain_text(f"{name}, {unit}" if unit else name)
    return Picture(series_svg(effects, 100.0 if percent else 1.0), label, caption)


def _days_so_far(source: PageSource, row: Row) -> float:
    _, ends = day_bounds(source.event_date, source.zone)
    started: datetime = row["phase_start"].replace(tzinfo=UTC)
    return max((ends - started).total_seconds() / 86_400, 0.0)


def _progress(row: Row, so_far: float) -> tuple[Cell, ...]:
    now, needed, days = _users(row), row["users_needed"], row["days_needed"]
    left = None if days is None else max(math.ceil(days - so_far), 0)
    return (
        cell(row["metric_title"]),
        cell(row["variation_name"]),
        Cell(f"{now:,}", now),
        Cell("–" if needed is None else f"{math.ceil(needed):,}", needed),
        Cell(f"{so_far:.1f}", so_far),
        Cell("–" if left is None else f"{left:,}", left),
        Cell(chance(row["power"]), row["power"]),
        Cell(share(row["mde"]).replace("+", "±"), row["mde"]),
    )


def _bar(row: Row, language: Language) -> Bar:
    filled = min(_users(row) / row["users_needed"], 1.0)
    text = language.say(
        "{now} of {needed} users",
        now=f"{_users(row):,}",
        needed=f"{math.ceil(row['users_needed']):,}",
    )
    label = plain_text(f"{row['metric_title']} · {row['variation_name']}")
    return Bar(label, filled, f"{text} ({chance(filled)})")


def _users(row: Row) -> int:
    return int((row["users"] or 0) + (row["control_users"] or 0))
