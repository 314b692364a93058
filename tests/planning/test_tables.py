from dataclasses import replace
from io import StringIO

from rich.console import Console, Group

from ab_assets.planning.json_answer import plan_json
from ab_assets.planning.solving import solve
from ab_assets.planning.tables import bar, plan_tables
from ab_assets.planning.terminal import plan_blocks
from tests.planning.builders import MONITORED, RATE, a_request

SHORT = a_request(metric=replace(RATE, variance_reduction=0.2, closing_days=8), test=MONITORED)


def test_durations_show_cuped_only_where_there_is_any() -> None:
    with_cuped, *_ = plan_tables(solve(SHORT))
    assert with_cuped.header == (
        "weeks", "users", "fixed", "with CUPED", "5 looks", "any day", "power for +10.0 %",
    )  # fmt: skip
    assert with_cuped.rows[0] == ("1", "0", "–", "–", "–", "–", "–")
    assert with_cuped.rows[1][:4] == ("2", "6,000", "+22.7 %", "+20.2 %")
    without, *_ = plan_tables(solve(a_request(test=MONITORED)))
    assert "with CUPED" not in without.header


def test_without_traffic_there_is_no_table_of_durations() -> None:
    titles = [table.title for table in plan_tables(solve(a_request(traffic=None)))]
    assert [title.split()[0] for title in titles] == ["Power", "Users"]


def test_the_curve_is_drawn() -> None:
    *_, curve, costs = plan_tables(solve(a_request(test=MONITORED)))
    assert ("+10.00 %", "80 %", "████████████████····") in curve.rows
    assert [row[0] for row in costs.rows] == ["fixed", "group-sequential", "always-valid"]
    assert costs.rows[0][3] == "1.00×"
    assert (bar(0.0), bar(1.0)) == ("·" * 20, "█" * 20)


def test_the_terminal_gives_the_answer_first_and_cuts_no_number() -> None:
    console = Console(file=StringIO(), width=80)
    console.print(Group(*plan_blocks(solve(SHORT), None)))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.startswith("To find +10.0 % of Buyers")
    assert "…" not in shown
    assert "+22.7 %" in shown
    assert "\x1b" not in shown


def test_json_has_the_numbers_unrounded_and_null_for_none() -> None:
    plan = solve(SHORT)
    told = plan_json(plan)
    assert told["users_exact"] == plan.exact_users
    assert (told["tag"], told["metric"], told["title"]) == (None, None, "Buyers")
    durations = told["durations"]
    assert isinstance(durations, list)
    assert durations[0]["mde"] is None
    assert durations[0]["users"] == 0
    assert told["users_on_the_first_days"] == []
    assert plan_json(solve(a_request(traffic=None)))["users_a_day"] is None
