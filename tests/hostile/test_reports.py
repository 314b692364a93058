"""Whatever GrowthBook and the sources call things: through the whole company, out of every door."""

import contextlib
import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import polars as pl
import pytest
from markdown_it import MarkdownIt

from ab_assets.analysis.configurations import required_snapshot
from ab_assets.analysis.tag_day import tag_day
from ab_assets.assets.report_entries import report_entries
from ab_assets.cli.project import open_project
from ab_assets.growthbook.fields import clean_text
from ab_assets.growthbook.snapshot_file import read_snapshot_file
from ab_assets.reporting.formatting import markdown_code, markdown_table, markdown_text
from tests.hostile.company import EVENT, OTHER, TITLE, Names, all_names, build_company
from tests.hostile.corpus import SPREADSHEET, TEXTS, UNPRINTED
from tests.small_world import FIRST, World

NAMES = ("experiment_key", "experiment_name", "phase_name", "variation_key", "variation_name")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Pulled, made and shown."""
    with pytest.MonkeyPatch.context() as patch:
        world = build_company(tmp_path_factory.mktemp("company")).enter(patch)
        outcome = world.make("growthbook/experiments")
        assert outcome.succeeded, outcome.failure
        world.make_days("habit", FIRST)
        yield world


def in_report(world: World) -> list[Names]:
    """The experiments that were not refused."""
    known = {one.key for one in read_snapshot_file(world.snapshot).experiments}
    return [one for one in all_names() if one.key in known]


def expected(world: World) -> set[tuple[str, ...]]:
    """Keys as they are; in names, what has no glyph is replaced where GrowthBook is read."""
    return {
        (one.key, clean_text(one.name), clean_text(one.phase), arm, clean_text(name))
        for one in in_report(world)
        for arm, name in zip(one.arms, one.arm_names, strict=True)
    }


def printed(world: World, capfd: pytest.CaptureFixture[str], *command: str) -> str:
    assert world.ab(*command) == 0
    shown = capfd.readouterr().out
    assert not (UNPRINTED - {"\n"}) & set(shown)
    return shown


def test_an_experiment_is_reported_or_refused_with_its_reason(company: World) -> None:
    snapshot = read_snapshot_file(company.snapshot)
    assert len(snapshot.experiments) + len(snapshot.refused) == len(all_names())
    assert len(snapshot.experiments) > len(all_names()) / 2
    for refused in snapshot.refused:
        assert re.search("control character|longer than 255 bytes", refused.reason)
        assert not UNPRINTED & set(str(refused))


def test_every_name_stands_in_the_report_as_it_was_given(company: World) -> None:
    rows = company.query(f"SELECT DISTINCT {', '.join(NAMES)} FROM ab.tbl_report_user_habits_habit")
    assert set(rows.rows()) == expected(company)


def test_every_user_and_event_of_any_name_was_counted(company: World) -> None:
    rows = company.query(
        "SELECT experiment_key, sum(users) AS users, min(mean) AS least, max(mean) AS most "
        "FROM ab.tbl_report_user_habits_habit "
        "WHERE dimension = '' AND metric = 'visits_per_user' GROUP BY experiment_key"
    )
    users = {one.key: len(one.users) for one in in_report(company)}
    assert {row[0]: row[1] for row in rows.rows()} == users
    assert {(row[2], row[3]) for row in rows.rows()} == {(1.0, 1.0)}
    assert set(company.query("SELECT event_name FROM ab_source.events")["event_name"]) == {EVENT}


def test_dimension_values_of_any_text_are_told_apart(company: World) -> None:
    wide = company.query("SELECT DISTINCT platform FROM ab.tbl_wide_user_habits_habit")
    given = {platform for one in in_report(company) for _, platform in one.users}
    assert set(wide["platform"]) == given


def test_a_program_reads_the_report_as_it_is(
    company: World, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = json.loads(printed(company, capfd, "report", "--tag", "habit", "--json"))
    assert {tuple(row[name] for name in NAMES) for row in rows} == expected(company)
    assert TITLE in {row["metric_title"] for row in rows}


def test_a_terminal_is_told_nothing_it_would_obey(
    company: World, capfd: pytest.CaptureFixture[str]
) -> None:
    shown = printed(company, capfd, "report", "--tag", "habit", "--dimensions")
    for text in ("[/] <b>|`*", "@all {{x}} %s", OTHER):
        assert text in shown


class Page(HTMLParser):
    """The elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_runs_and_loads_nothing_of_outside(company: World, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    assert company.ab("report", "--tag", "habit", "--html", str(path)) == 0
    page = Page(path.read_text(encoding="utf-8"))
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1  # ours, which sorts
    assert not {"img", "iframe", "object", "embed", "base", "link", "form"} & set(tags)
    for _, attributes in page.elements:
        for name, value in attributes:
            assert not name.startswith("on")
            assert name not in {"src", "href", "xlink:href"} or (value or "").startswith(
                ("#", "data:")
            )
    assert "<b>|" in page.text
    assert not (UNPRINTED - {"\n"}) & set(page.text)


@pytest.mark.parametrize("form", ["csv", "sqlite", "parquet"])
def test_files_hold_every_name_as_it_is(company: World, tmp_path: Path, form: str) -> None:
    target = tmp_path / "reports.sqlite" if form == "sqlite" else tmp_path / "reports"
    assert company.ab("export", str(target), "--format", form) == 0
    table = "tbl_report_ab_testing_result"
    if form == "csv":
        text = (target / f"{table}.csv").read_text(encoding="utf-8")
        lines = csv.DictReader(io.StringIO(text, newline=""))
        found = {tuple(line[name] for name in NAMES) for line in lines}
    elif form == "parquet":
        found = set(pl.read_parquet(target / f"{table}.parquet").select(NAMES).rows())
    else:
        with contextlib.closing(sqlite3.connect(target)) as connection:
            found = set(connection.execute(f"SELECT {', '.join(NAMES)} FROM {table}").fetchall())
    assert found == expected(company)
    assert any(row[0] in SPREADSHEET or row[1] in SPREADSHEET for row in found)


def test_the_script_of_a_number_is_the_same_number_whatever_it_is_called(
    company: World, tmp_path: Path
) -> None:
    for number, one in enumerate(in_report(company)[:4]):
        script = tmp_path / f"{number}.py"
        command = ["reproduce", "--tag", "habit", "--metric", "visits_per_user"]
        assert company.ab(*command, "--experiment", one.key, "--output", str(script)) == 0
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), {})  # noqa: S102
        assert re.search(r"^mean +1\.0$", shown.getvalue(), re.MULTILINE), one


def markdown_of(text: str) -> list[str]:
    """What a viewer makes of Markdown: the kinds of its parts, text aside."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    return [child.type for token in tokens for child in (token, *(token.children or ()))]


MARKUP = {"html_block", "html_inline", "link_open", "image", "em_open", "strong_open", "s_open"}


def test_no_text_is_markup_in_the_pages_of_dagster() -> None:
    for text in TEXTS:
        assert not MARKUP & set(markdown_of(f"### {markdown_text(text)} and")), text
        cells = markdown_of(markdown_table(["a", "b"], [[text, "x"], ["y", text]]))
        assert (cells.count("th_open"), cells.count("td_open")) == (2, 4), text
        assert not MARKUP & set(cells), text
        assert not UNPRINTED & set(markdown_text(text)), text
        assert not UNPRINTED & set(markdown_code(text)), text


def test_what_dagster_shows_of_a_report_has_no_markup_of_outside(company: World) -> None:
    opened = open_project()
    snapshot = required_snapshot(opened.warehouse, opened.project.library)
    day = tag_day(opened.project.catalogue, snapshot.experiments, "habit", FIRST, ZoneInfo("UTC"))
    frame = company.query("SELECT * FROM ab.tbl_report_user_habits_habit")
    shown = [
        entry.md_str
        for entry in report_entries(day, frame).values()
        if isinstance(entry, dg.MarkdownMetadataValue)
    ]
    assert len(shown) > 2 * len(day.experiments)
    for text in shown:
        assert not (MARKUP - {"strong_open"}) & set(markdown_of(text)), text
        assert not (UNPRINTED - {"\n"}) & set(text)
