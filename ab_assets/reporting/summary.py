"""A report as Markdown, for the materialisation's page in the UI.

What belongs here: choosing and laying out the few numbers that matter. What does not: computing any.
"""

import polars as pl

from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.reporting.formatting import markdown_table, number, p_value, share

_HEADER = [
    "metric", "role", "variation", "users", "control", "variation's mean", "uplift", "95 % interval", "p", "chance to win",
]


def report_markdown(day: TagDay, report: pl.DataFrame) -> str:
    """Every experiment of the day: trust, then each metric over all users."""
    if not day.experiments:
        return f"No experiment with the tag `{day.tag}` was in force on {day.event_date}."
    return "\n\n".join(_experiment(item, report) for item in day.experiments)


def _experiment(item: ExperimentDay, report: pl.DataFrame) -> str:
    rows = report.filter(
        (pl.col("experiment_id") == item.experiment.id)
        & (pl.col("dimension") == "")
        & ~pl.col("is_control")
    )
    trusts = rows["trust"].unique().to_list()
    phase = f"phase {item.phase.index} “{item.phase.name}” since {item.phase.started_at:%Y-%m-%d %H:%M} UTC"
    title = f"### {_plain(item.experiment.name)} (`{_plain(item.experiment.key)}`)"
    crossovers = rows["crossover_users"].max() or 0
    head = f"{phase}; {crossovers:,} crossovers left out"
    whole = [text for text in trusts if text != "ok"] if "ok" not in trusts else []
    warning = f"\n\n**Not trusted: {whole[0]}**" if len(trusts) == 1 and whole else ""
    lines = [_line(row) for row in rows.iter_rows(named=True)]
    return f"{title}\n\n{head}{warning}\n\n{markdown_table(_HEADER, lines)}"


def _line(row: dict[str, object]) -> list[str]:
    def text(name: str) -> str:
        return str(row[name])

    def value(name: str) -> float | None:
        found = row[name]
        return float(found) if isinstance(found, int | float) else None

    low, high = share(value("rel_ci_low")), share(value("rel_ci_high"))
    return [
        text("metric"),
        text("role"),
        text("variation_name"),
        f"{row['users'] or 0:,}",
        number(value("control_mean")),
        number(value("mean")),
        share(value("rel_uplift")),
        f"{low} … {high}",
        p_value(value("p_value")),
        share(value("chance_to_win"), 0).lstrip("+"),
    ]


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "'").replace("#", "").split())
