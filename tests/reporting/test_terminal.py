"""The report in a terminal: readable at 80 columns and at 140, piped or not."""

import io
import re
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from rich.cells import cell_len
from rich.console import Console

from ab_assets.health.finding import Check, Finding, Status
from ab_assets.reporting.terminal import Surroundings, report_tables
from tests.reporting.seeded import METRICS, Seeded
from tests.reporting.worlds import everyone

UTC = Surroundings(ZoneInfo("UTC"))


def shown(
    frame: pl.DataFrame,
    width: int = 80,
    *,
    dimensions: bool = False,
    colours: bool = False,
    around: Surroundings | None = None,
) -> str:
    console = Console(width=width, file=io.StringIO(), force_terminal=colours, legacy_windows=False)
    for block in report_tables(frame, around or UTC, dimensions=dimensions):
        console.print(block)
    return console.file.getvalue()


def a_report(seeded: Seeded, **changes: object) -> pl.DataFrame:
    """Two arms of one experiment, with some columns replaced."""
    own = seeded.report.filter(pl.col("experiment_id") == "exp_two")
    columns = [pl.lit(value, own.schema[name]).alias(name) for name, value in changes.items()]
    return own.with_columns(columns)


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("dimensions", [False, True])
def test_no_line_is_wider_than_the_terminal(seeded: Seeded, width: int, dimensions: bool) -> None:
    lines = shown(a_report(seeded), width, dimensions=dimensions).splitlines()
    assert max(len(line) for line in lines) <= width


@pytest.mark.parametrize("width", [80, 140])
def test_every_metric_has_its_whole_name_on_one_line(seeded: Seeded, width: int) -> None:
    lines = shown(a_report(seeded), width).splitlines()
    for name, metric in METRICS.items():
        titles = [line for line in lines if re.match(rf"[★◆ ]*{name}  ", line)]
        assert len(titles) == 1, name
        assert str(metric.get("role", "secondary")) in titles[0]


def test_nothing_is_cut_off_at_80_columns(seeded: Seeded) -> None:
    long = a_report(
        seeded,
        metric_type="mean",
        variation_name="A new checkout with one page and far fewer questions",
        mean=1234567.0,
        rel_uplift=-1.234,
        rel_ci_low=-1.234,
        rel_ci_high=12.34,
        p_value=1e-250,
        users=1234568,
    )
    text = shown(long)
    assert "A new" in text
    assert "questions" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    for number in ("1,234,568", "1,234,567", "-123.4 … +1,234.0 %", "1.0e-250"):
        assert number in text
    assert text.count("…") == text.count(" … ")


def test_wide_characters_keep_their_columns(seeded: Seeded) -> None:
    name = "新しいチェックアウトと支払いの画面"
    lines = shown(a_report(seeded, variation_name=name), 80).splitlines()
    numbers = [line for line in lines if " … " in line]
    assert {cell_len(line) for line in numbers if line.endswith("%")} == {80}
    assert name[:4] in "".join(lines)


def test_goals_come_first_and_are_marked(seeded: Seeded) -> None:
    lines = shown(a_report(seeded)).splitlines()
    titles = [line for line in lines if re.search(r"  (goal|secondary|guardrail)", line)]
    roles = [re.search(r"  (goal|secondary|guardrail)", line)[1] for line in titles[: len(METRICS)]]
    assert roles == ["goal"] * 5 + ["secondary"] * 7 + ["guardrail"]
    assert all(line.startswith("★ ") == (" goal" in line) for line in titles[: len(METRICS)])


def test_a_metric_that_should_fall_says_so(seeded: Seeded) -> None:
    assert "★ rounds_per_session  goal, lower is better" in shown(a_report(seeded))


def test_a_line_has_the_numbers_of_its_row(seeded: Seeded) -> None:
    own = a_report(seeded)
    row = everyone(own, "retention_d1")
    lines = shown(own).splitlines()
    title = next(place for place, line in enumerate(lines) if "★ retention_d1" in line)
    control, treatment = lines[title + 1].split(), lines[title + 2].split()
    assert control[:2] == ["Control", "(control)"]
    assert f"{row['users']:,}" in treatment
    assert f"{row['mean'] * 100:.2f}" in treatment
    assert f"{row['rel_uplift'] * 100:+.1f}" in treatment


def test_the_control_has_no_comparison(seeded: Seeded) -> None:
    line = next(text for text in shown(a_report(seeded)).splitlines() if "(control)" in text)
    assert "…" not in line
    assert "+" not in line


def test_a_significant_difference_is_marked_without_colours(seeded: Seeded) -> None:
    assert "0.001*" in shown(a_report(seeded, p_value=0.001, significant=True))
    plain = shown(a_report(seeded, p_value=0.001, significant=False))
    assert "0.001*" not in plain
    assert "* significant" in plain


def test_colours_are_only_for_terminals(seeded: Seeded) -> None:
    assert "\x1b[" not in shown(seeded.report)
    assert "\x1b[" in shown(seeded.report, colours=True)


@pytest.mark.parametrize(
    ("difference", "direction", "colour"),
    [(1.0, "up", "32"), (-1.0, "up", "31"), (1.0, "down", "31"), (-1.0, "down", "32")],
)
def test_better_is_green_and_worse_is_red(
    seeded: Seeded, difference: float, direction: str, colour: str
) -> None:
    changes = {"abs_diff": difference, "direction": direction, "significant": True}
    text = shown(a_report(seeded, **changes), colours=True)
    colours = set(re.findall(r"\x1b\[(3\d)m", text))
    assert colours == {colour}


def test_the_decision_of_each_variation_stands_above_the_numbers(seeded: Seeded) -> None:
    own = a_report(seeded, decision="extend", decision_reason="3 more days make a whole week")
    assert "Treatment 1: EXTEND, 3 more days make a whole week" in shown(own)
    assert "Control: " not in shown(own)


def test_distrust_is_said_once_above_the_numbers(seeded: Seeded) -> None:
    reason = "sample-ratio mismatch"
    own = a_report(seeded, trust=reason, decision="none", decision_reason=f"not trusted: {reason}")
    text = shown(own)
    assert text.count(reason) == 1
    assert f"NOT TRUSTED: {reason}" in text


def test_a_reason_that_all_rows_share_is_not_distrust(seeded: Seeded) -> None:
    own = a_report(seeded, trust="no unit is counted yet")
    text = shown(own)
    assert "NOT TRUSTED" not in text
    assert "no unit is counted yet (Control (control), Treatment 1)" in " ".join(text.split())


def test_crossovers_are_counted_in_the_headline(seeded: Seeded) -> None:
    text = " ".join(shown(a_report(seeded, crossover_users=7654)).split())
    assert "7,654 crossovers left out" in text


def test_dimensions_are_shown_when_asked_for(seeded: Seeded) -> None:
    own = a_report(seeded)
    assert "by country" not in shown(own)
    text = shown(own, 140, dimensions=True)
    assert "by country" in text
    assert "by platform" in text
    assert "ios · Treatment 1" in text


def test_segments_go_from_large_to_small_with_the_rest_last(seeded: Seeded) -> None:
    text = shown(a_report(seeded), 140, dimensions=True).split("by country")[1].split("by plat")[0]
    values = re.findall(r"^  (\S+) · Control", text, re.MULTILINE)[:21]
    sizes = {
        row["dimension_value"]: row["users"]
        for row in a_report(seeded)
        .filter((pl.col("dimension") == "country") & (pl.col("metric") == "revenue_per_user"))
        .group_by("dimension_value")
        .agg(pl.col("users").sum())
        .iter_rows(named=True)
    }
    assert values[-1] == "(other)"
    assert [sizes[value] for value in values[:-1]] == sorted(
        (sizes[value] for value in values[:-1]), reverse=True
    )


def test_text_from_outside_does_not_steer_the_terminal(seeded: Seeded) -> None:
    hostile = "\x1b[2J\x1b]0;x\x07[red]gate[/red]\nsecond"
    own = a_report(
        seeded,
        experiment_name=hostile,
        experiment_key=hostile,
        phase_name=hostile,
        variation_name=hostile,
        trust=hostile,
        decision_reason=hostile,
    )
    text = shown(own, 140)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[red]gate[/red]" in text


def test_a_report_read_back_in_another_order_shows_the_same_roles(seeded: Seeded) -> None:
    shuffled = a_report(seeded).sample(fraction=1.0, shuffle=True, seed=4)
    lines = shown(shuffled).splitlines()
    goals = [place for place, line in enumerate(lines) if line.startswith("★ ") and "_" in line]
    others = [place for place, line in enumerate(lines) if re.search(r"  secondary", line)]
    assert max(goals) < min(others)


def test_each_experiment_has_its_block(seeded: Seeded) -> None:
    text = shown(seeded.report)
    assert text.index("Name of exp_three") != text.index("Name of exp_two")
    assert text.count("phase 0 “Main” since 2026-10-01 00:00 UTC") == 2


def findings(*found: tuple[Check, Status, str]) -> Surroundings:
    own = tuple(Finding("exp_two", check, status, said) for check, status, said in found)
    other = Finding("exp_three", Check.CROSSOVERS, Status.FAIL, "of another experiment")
    return Surroundings(UTC.zone, findings=(*own, other))


def test_the_verdict_stands_before_everything_else(seeded: Seeded) -> None:
    own = a_report(seeded, decision="ship", decision_reason="goal better: sales")
    lines = shown(own).splitlines()
    assert lines[1] == "Treatment 1: SHIP, goal better: sales"
    assert lines[2].startswith("phase 0 “Main”")


def test_checks_that_pass_are_one_line(seeded: Seeded) -> None:
    around = findings(
        (Check.SAMPLE_RATIO, Status.PASS, "fits"), (Check.DESIGN, Status.PASS, "fine")
    )
    text = shown(a_report(seeded), around=around)
    assert "✓ 2 of 2 checks pass" in text
    assert "fits" not in text
    assert "another experiment" not in text


def test_checks_that_do_not_pass_are_said_failures_first(seeded: Seeded) -> None:
    around = findings(
        (Check.METRIC_JUMP, Status.WARN, "a jump"),
        (Check.SAMPLE_RATIO, Status.FAIL, "a mismatch\x1b[2J"),
        (Check.DESIGN, Status.PASS, "fine"),
    )
    lines = shown(a_report(seeded), around=around).splitlines()
    place = lines.index("✗ 1 of 3 checks pass")
    assert lines[place + 1 : place + 3] == [
        "  ✗ sample ratio: a mismatch [2J",
        "  ! metric jump: a jump",
    ]


def test_a_goal_short_of_its_planned_size_says_how_far_it_is(seeded: Seeded) -> None:
    text = shown(a_report(seeded, users=400, control_users=380, users_needed=1560))
    assert "retention_d1: 780 of 1,560 users of the planned size (50 %)" in text
    enough = a_report(seeded, users=800, control_users=800, users_needed=1560)
    assert "planned size" not in shown(enough)


def test_effects_of_the_days_stand_beside_their_metric(seeded: Seeded) -> None:
    days = [date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 10)]
    history = pl.DataFrame(
        {
            "event_date": [*reversed(days), days[0]],
            "experiment_id": ["exp_two"] * 4,
            "metric": ["retention_d1"] * 3 + ["retention_d7"],
            "variation_key": ["1"] * 4,
            "abs_diff": [3.0, 1.0, 2.0, 5.0],
        }
    )
    lines = shown(a_report(seeded), around=Surroundings(UTC.zone, history)).splitlines()
    assert next(line for line in lines if "★ retention_d1" in line).endswith("goal  ▅▁█")
    assert "▁" not in next(line for line in lines if "retention_d7  " in line)


def test_intervals_are_drawn_where_there_is_room(seeded: Seeded) -> None:
    own = a_report(seeded, rel_ci_low=-0.1, rel_uplift=0.1, rel_ci_high=0.3)
    assert "●" not in shown(own, 80)
    wide = shown(own, 140)
    assert "├─────┼─────●───────────┤" in wide
    header = next(line for line in wide.splitlines() if " win  " in line)
    assert header.endswith("-10.0 … +30.0 %")


def test_an_unbounded_interval_is_drawn_as_one_that_goes_on(seeded: Seeded) -> None:
    own = a_report(seeded, rel_ci_low=None, rel_uplift=0.1, rel_ci_high=None)
    line = next(text for text in shown(own, 140).splitlines() if "●" in text)
    assert "◄" in line
    assert "►" in line
    assert " – " in line
