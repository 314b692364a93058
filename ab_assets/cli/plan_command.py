"""``ab-assets plan``: how large and how long an experiment has to be.

What belongs here: its arguments. What does not: reading a single one
(:mod:`ab_assets.cli.plan_arguments`); joining, solving and showing them
(:mod:`ab_assets.planning`).
"""

import json
from typing import Annotated

import typer

from ab_assets.cli.console import output
from ab_assets.cli.plan_arguments import read_share, read_split
from ab_assets.cli.project import open_project
from ab_assets.errors import ConfigurationError
from ab_assets.planning.history import History, read_history
from ab_assets.planning.json_answer import plan_json
from ab_assets.planning.request import Judgement, JudgementKind, MetricKind
from ab_assets.planning.solving import Plan
from ab_assets.planning.terminal import plan_blocks, tag_blocks
from ab_assets.planning.wishes import (
    GivenMetric,
    Wishes,
    plan_from_history,
    plan_from_numbers,
    plans_of_tag,
)
from ab_assets.stats.spending import Spending

_HISTORY, _NUMBERS = "From history", "From numbers"
_GOAL, _EXPERIMENT, _TEST = "What is wanted", "The experiment", "The test"
Tag = Annotated[
    str | None, typer.Option(help="Plan from the history of this tag.", rich_help_panel=_HISTORY)
]
MetricName = Annotated[
    str | None,
    typer.Option("--metric", help="Of the tag; all by default.", rich_help_panel=_HISTORY),
]
ExperimentName = Annotated[
    str | None,
    typer.Option(
        "--experiment",
        help="Whose history; by default the trusted one that has run the longest.",
        rich_help_panel=_HISTORY,
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(help="The control's rate or mean: 10%, 0.10, 12.5.", rich_help_panel=_NUMBERS),
]
Kind = Annotated[
    MetricKind | None,
    typer.Option(
        "--type",
        help="Of the metric; by default a proportion, with --stddev a mean.",
        rich_help_panel=_NUMBERS,
    ),
]
Deviation = Annotated[
    float | None,
    typer.Option(
        "--stddev",
        help="Of one user's value (of a ratio: of its linearised value).",
        rich_help_panel=_NUMBERS,
    ),
]
Effect = Annotated[
    str | None,
    typer.Option(help="Relative change to find: 2%, -5%, 0.02.", rich_help_panel=_GOAL),
]
AbsoluteEffect = Annotated[
    str | None,
    typer.Option(
        "--effect-absolute",
        help="The same in the metric's measure: 0.9pp, 0.009, -1.5.",
        rich_help_panel=_GOAL,
    ),
]
Users = Annotated[
    int | None, typer.Option(help="Users in all arms together.", rich_help_panel=_GOAL)
]
Days = Annotated[
    int | None, typer.Option(help="Days the experiment may last.", rich_help_panel=_GOAL)
]
Power = Annotated[
    str | None, typer.Option(help="To find the effect with; 80% by default.", rich_help_panel=_GOAL)
]
UnitsPerDay = Annotated[
    float | None,
    typer.Option(
        "--units-per-day",
        help="New users a day, before --coverage; history knows them.",
        rich_help_panel=_EXPERIMENT,
    ),
]
Coverage = Annotated[
    str | None,
    typer.Option(help="Share of those users in the experiment: 50%.", rich_help_panel=_EXPERIMENT),
]
Split = Annotated[
    str | None,
    typer.Option(
        help="Of the arms, the control first: 50/50, 90/10, 34/33/33.", rich_help_panel=_EXPERIMENT
    ),
]
Arms = Annotated[
    int | None, typer.Option(help="How many, all of one size.", rich_help_panel=_EXPERIMENT)
]
VarianceReduction = Annotated[
    str | None,
    typer.Option(
        "--variance-reduction",
        help="Share of variance that CUPED removes: 30%; history knows it.",
        rich_help_panel=_EXPERIMENT,
    ),
]
Comparisons = Annotated[
    int | None,
    typer.Option(
        help="That share the error rate (Bonferroni): by default the variations, times the "
        "metrics of one role where history knows them.",
        rich_help_panel=_TEST,
    ),
]
Alpha = Annotated[
    str | None, typer.Option(help="Error rate, two-sided; 5% by default.", rich_help_panel=_TEST)
]
DesignKind = Annotated[
    JudgementKind, typer.Option("--design", help="How it will be judged.", rich_help_panel=_TEST)
]
Looks = Annotated[
    int | None,
    typer.Option(
        help="How often: 5 by default, every day with always-valid.", rich_help_panel=_TEST
    ),
]
SpendingKind = Annotated[
    Spending | None,
    typer.Option(
        "--spending", help="How group-sequential looks share alpha.", rich_help_panel=_TEST
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print an array of plans and nothing else.")]


def plan(
    tag: Tag = None,
    metric: MetricName = None,
    experiment: ExperimentName = None,
    baseline: Baseline = None,
    kind: Kind = None,
    stddev: Deviation = None,
    effect: Effect = None,
    effect_absolute: AbsoluteEffect = None,
    users: Users = None,
    days: Days = None,
    power: Power = None,
    units_per_day: UnitsPerDay = None,
    coverage: Coverage = None,
    split: Split = None,
    arms: Arms = None,
    variance_reduction: VarianceReduction = None,
    comparisons: Comparisons = None,
    alpha: Alpha = None,
    design: DesignKind = "fixed",
    looks: Looks = None,
    spending: SpendingKind = None,
    as_json: Json = False,
) -> None:
    """Plan an experiment: how many users, how many days, or what can be found.

    Say what is to be found to learn how many users that takes; say users or days to learn what
    they can show; say both to learn the power. Reads the newest report and wide table of the tag,
    or nothing where numbers are given. Writes nothing.

    Exit codes: 0 planned, 1 there is no report to plan from, 2 wrong usage or configuration.

    For example:

    `ab-assets plan --tag retention`

    `ab-assets plan --tag retention --metric retention_d7 --effect 2%`

    `ab-assets plan --tag retention --metric retention_d7 --days 28 --design always-valid`

    `ab-assets plan --baseline 10% --effect 5% --units-per-day 5000`

    `ab-assets plan --baseline 12.5 --stddev 30 --days 14 --units-per-day 5000 --split 90/10`
    """
    wishes = Wishes(
        weights=read_split(split, arms),
        effect=_share(effect, "--effect"),
        effect_absolute=_share(effect_absolute, "--effect-absolute", points=True),
        users=users,
        days=days,
        power=_share(power, "--power"),
        alpha=_share(alpha, "--alpha"),
        comparisons=comparisons,
        variance_reduction=_share(variance_reduction, "--variance-reduction"),
        units_per_day=units_per_day,
        coverage=_share(coverage, "--coverage"),
        test=_test(design, looks, spending),
    )
    if tag is None:
        _only_without_tag({"--metric": metric, "--experiment": experiment})
        given = GivenMetric(baseline=_baseline(baseline), kind=kind, stddev=stddev)
        _show_plan(plan_from_numbers(wishes, given), None, as_json=as_json)
        return
    _only_with_numbers({"--baseline": baseline, "--type": kind, "--stddev": stddev})
    history = _history(tag, experiment)
    if metric is None:
        _show_tag(wishes, history, as_json=as_json)
    else:
        answer = plan_from_history(wishes, history, history.metric(metric))
        _show_plan(answer, history, as_json=as_json)


def _history(tag: str, experiment: str | None) -> History:
    opened = open_project()
    project, warehouse = opened.project, opened.warehouse
    with warehouse.session():
        return read_history(
            warehouse,
            project.library,
            project.catalogue,
            project.settings.zone,
            tag,
            experiment=experiment,
        )


def _show_tag(wishes: Wishes, history: History, *, as_json: bool) -> None:
    plans = plans_of_tag(wishes, history)
    if not plans.pairs:
        told = set(plans.reasons.values())
        if len(told) == 1:  # what is wrong with all of them is wrong with what was asked
            raise ConfigurationError(told.pop())
        each = "; ".join(f"{title}: {why}" for title, why in plans.reasons.items())
        message = f"nothing can be planned from {history.experiment_key}: {each}"
        raise ConfigurationError(message)
    if as_json:
        _show_json([plan_json(item, history) for item in plans.plans])
        return
    for block in tag_blocks(plans, history):
        output.print(block)


def _show_plan(answer: Plan, history: History | None, *, as_json: bool) -> None:
    if as_json:
        _show_json([plan_json(answer, history)])
        return
    for block in plan_blocks(answer, history):
        output.print(block)


def _show_json(answers: list[dict[str, object]]) -> None:
    typer.echo(json.dumps(answers, ensure_ascii=False, indent=1))


def _test(design: JudgementKind, looks: int | None, spending: Spending | None) -> Judgement:
    if spending is not None and design != "group-sequential":
        message = "--spending is about the looks of --design group-sequential"
        raise ConfigurationError(message)
    return Judgement(design, looks, spending or "obrien-fleming")


def _baseline(text: str | None) -> float:
    if text is None:
        message = (
            "say what the metric is now: --tag T takes it from the tag's history, --baseline 10% "
            "(with --stddev for a mean) gives it; `ab-assets plan --help` has examples"
        )
        raise ConfigurationError(message)
    return read_share(text, "--baseline")


def _share(text: str | None, option: str, *, points: bool = False) -> float | None:
    return None if text is None else read_share(text, option, points=points)


def _only_without_tag(options: dict[str, object]) -> None:
    for name, value in options.items():
        if value is not None:
            message = f"{name} is of a tag's history; name the tag with --tag"
            raise ConfigurationError(message)


def _only_with_numbers(options: dict[str, object]) -> None:
    for name, value in options.items():
        if value is not None:
            message = f"{name} is known from the history of --tag; give one or the other"
            raise ConfigurationError(message)
