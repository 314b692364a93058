"""From what was read to what is shown.

What belongs here: the order of the page, an experiment's head and its verdict. What does not: the
sections, HTML.
"""

import polars as pl

from ab_assets.experiments import moment
from ab_assets.reporting.formatting import plain_text, share
from ab_assets.reporting.headline import headline_of
from ab_assets.reporting.language import Language
from ab_assets.reporting.page import comparisons, progress, trusting
from ab_assets.reporting.page.content import Decided, ExperimentContent, PageContent
from ab_assets.reporting.page.source import PageSource
from ab_assets.reporting.page.words import Row, with_titles


def page_content(source: PageSource, language: Language) -> PageContent:
    """Everything the page of a tag shows."""
    day = str(source.event_date)
    experiments = tuple(
        _experiment(source, own, place, language)
        for place, (_, own) in enumerate(
            source.rows.group_by("experiment_id", maintain_order=True), start=1
        )
    )
    nothing = "" if experiments else language.sentence(source.reason or "nothing to report")
    return PageContent(
        title=f"{plain_text(source.tag)} · {language.say('experiment report')}",
        subtitle=language.say("As of the end of {day}, {zone}", day=day, zone=source.zone.key),
        experiments=experiments,
        nothing=plain_text(nothing),
    )


def _experiment(
    source: PageSource, own: pl.DataFrame, place: int, language: Language
) -> ExperimentContent:
    headline = headline_of(own, source.zone)
    everyone = own.filter(pl.col("dimension") == "")
    compared = everyone.filter(~pl.col("is_control"))
    titles = dict(everyone.select("metric", "metric_title").iter_rows())
    first = everyone.row(0, named=True)
    confidence = f"{100 * (1 - source.module.engine.alpha):g} %"
    findings = [item for item in source.findings if item.experiment_id == first["experiment_id"]]
    return ExperimentContent(
        anchor=f"experiment-{place}",
        name=plain_text(headline.name),
        key=plain_text(headline.key),
        facts=_facts(source, everyone, first, headline.crossovers, language),
        distrust=plain_text(language.sentence(headline.distrust)) if headline.distrust else "",
        decisions=tuple(
            Decided(
                plain_text(item.variation),
                item.decision,
                language.sentence(item.decision),
                plain_text(language.sentence(with_titles(item.reason, titles))),
            )
            for item in headline.decisions
        ),
        sections=tuple(
            section
            for section in (
                comparisons.goals(compared, language, confidence),
                comparisons.guardrails(compared, source.module, language, confidence),
                comparisons.secondary(compared, language, confidence),
                progress.effect_series(source, compared, language),
                comparisons.breakdowns(own, language, confidence),
                trusting.health(findings, language),
                progress.power_progress(source, compared, language),
                trusting.method(source, compared, language),
                trusting.provenance(source, first, language),
            )
            if section.tables or section.pictures or section.notes or section.parts
        ),
    )


def _facts(
    source: PageSource, everyone: pl.DataFrame, first: Row, crossovers: int, language: Language
) -> tuple[tuple[str, str], ...]:
    phase = language.say(
        "{number} “{name}”, since {start}",
        number=first["phase_index"],
        name=plain_text(first["phase_name"]),
        start=moment(first["phase_start"], source.zone),
    )
    return (
        (language.say("tag"), plain_text(source.tag)),
        (language.say("phase"), phase),
        (language.say("users by arm"), _users_by_arm(everyone, language)),
        (language.say("crossovers left out"), f"{crossovers:,}"),
    )


def _users_by_arm(everyone: pl.DataFrame, language: Language) -> str:
    """Of each arm the largest number any metric counts, against the weights."""
    arms = everyone.group_by("variation_key", "variation_name", maintain_order=True).agg(
        pl.col("users").max(), pl.col("weight").first()
    )
    total = int(arms["users"].sum())
    weights = float(arms["weight"].sum())
    parts = []
    for arm in arms.iter_rows(named=True):
        seen = share(arm["users"] / total if total else None).removeprefix("+")
        due = share(arm["weight"] / weights if weights else None).removeprefix("+")
        told = language.say("{seen}, expected {due}", seen=seen, due=due)
        parts.append(f"{plain_text(arm['variation_name'])} {arm['users']:,} ({told})")
    return " · ".join(parts)
