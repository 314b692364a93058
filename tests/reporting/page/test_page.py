"""What the page of a report shows."""

import ast
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.reporting.decision import NOT_TRUSTED
from ab_assets.reporting.language import language_of
from ab_assets.reporting.page import charts
from ab_assets.reporting.page.building import page_content
from ab_assets.reporting.page.rendering import page_html
from ab_assets.reporting.page.source import PageSource
from ab_assets.reporting.page.writing import write_page
from ab_assets.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "ab_assets" / "reporting" / "page"
ENGLISH, CHINESE = language_of("en"), language_of("zh")
HOSTILE = (
    "<script>window.hacked=1</script>",
    '"><img src=x onerror="window.hacked=1">',
    "datum.x ' + alert(1) + '",
    "名字 🎉 \u200f\u202eevil\x1b[31m",
    "]]></title></svg><script>window.hacked=1</script>",
    "very long " * 40,
)


class Read(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def count(self, name: str) -> int:
        return sum(tag == name for tag, _ in self.elements)


def hostile(source: PageSource) -> PageSource:
    """The same report with every text that comes from outside replaced."""
    names = ("experiment_name", "experiment_key", "phase_name", "metric_title", "variation_name",
             "dimension_value", "decision_reason", "run_id", "unit")  # fmt: skip
    rows = source.rows.with_columns(
        pl.when(pl.col(name) == "")
        .then(pl.lit(""))
        .otherwise(pl.lit(HOSTILE[place % len(HOSTILE)]))
        .alias(name)
        for place, name in enumerate(names)
    )
    findings = tuple(
        replace(item, message=HOSTILE[0], detail={HOSTILE[1]: {HOSTILE[2]: 1}})
        for item in source.findings
    )
    return replace(source, rows=rows, findings=findings)


@pytest.fixture(scope="module")
def english(source: PageSource) -> str:
    return page_html(page_content(source, ENGLISH), ENGLISH)


def test_the_verdict_stands_before_every_number(english: str) -> None:
    assert english.index('class="decision') < english.index("<table>")
    assert english.index('class="decision') < english.index("<svg")


def test_sections_stand_in_the_order_people_ask_in(english: str) -> None:
    titles = re.findall("<h3>(.*?)</h3>", english)
    assert titles == [
        "Goals", "Guardrails", "Secondary metrics", "Effect over time", "Breakdown by dimension",
        "Health checks", "Power and progress", "Method", "Provenance",
    ]  # fmt: skip


def test_the_page_asks_for_nothing_from_anywhere(english: str) -> None:
    read = Read(english)
    assert [dict_ for _, dict_ in read.elements if {"src", "srcset", "data"} & set(dict_)] == []
    links = [attrs["href"] for _, attrs in read.elements if attrs.get("href")]
    assert all(link and link.startswith("#") for link in links)
    assert "default-src 'none'" in english


def test_every_picture_is_told_in_words(english: str) -> None:
    read = Read(english)
    drawings = [attrs for tag, attrs in read.elements if tag == "svg"]
    assert drawings
    assert all(attrs["aria-label"] and attrs["role"] == "img" for attrs in drawings)
    assert read.count("figcaption") == len(drawings)


def test_a_second_language_draws_nothing(source: PageSource, english: str) -> None:
    drawn = charts._drawn.cache_info().misses
    page_content(source, CHINESE)
    assert english
    assert charts._drawn.cache_info().misses == drawn


def test_reasons_name_metrics_by_their_titles(source: PageSource) -> None:
    rows = source.rows.with_columns(
        pl.lit("goal better: sales, unknown").alias("decision_reason"),
        pl.when(pl.col("metric") == "sales")
        .then(pl.lit("Revenue"))
        .otherwise(pl.col("metric_title"))
        .alias("metric_title"),
    )
    named = replace(source, rows=rows)
    reasons = [
        page_content(named, language).experiments[0].decisions[0].reason
        for language in (ENGLISH, CHINESE)
    ]
    assert reasons == ["goal better: Revenue, unknown", "目标指标变好：Revenue, unknown"]


def test_the_time_zone_is_named_with_the_time(english: str, source: PageSource) -> None:
    assert re.search(r"since \d{4}-\d\d-\d\d \d\d:\d\d Asia/Shanghai", english)


def test_no_number_is_shown_with_all_its_digits(english: str) -> None:
    shown = " ".join(Read(re.sub("<(style|script|svg).*?</\\1>", "", english, flags=re.S)).texts)
    assert re.findall(r"\d\.\d{7,}", shown) == []


def test_a_distrusted_experiment_says_so_and_decides_nothing(source: PageSource) -> None:
    reason = f"{NOT_TRUSTED}sample-ratio mismatch"
    rows = source.rows.with_columns(
        pl.when(~pl.col("is_control")).then(pl.lit(reason)).alias("decision_reason")
    )
    text = page_html(page_content(replace(source, rows=rows), CHINESE), CHINESE)
    assert "样本比例不匹配（SRM）" in text
    assert "结果不可信" in text
    assert 'class="decision' not in text


def test_an_unbounded_interval_is_called_so_and_never_drawn(source: PageSource) -> None:
    nothing = pl.lit(None, pl.Float64)
    rows = source.rows.with_columns(nothing.alias("rel_ci_low"), nothing.alias("rel_ci_high"))
    content = page_content(replace(source, rows=rows), ENGLISH)
    picture = content.experiments[0].sections[0].pictures[0]
    assert "(unbounded)" in picture.label
    assert "(∞)" in picture.svg


def test_one_day_is_no_series(source: PageSource) -> None:
    content = page_content(replace(source, history=source.history.head(0)), ENGLISH)
    series = next(one for one in content.experiments[0].sections if "over time" in one.title)
    assert series.pictures == ()
    assert "Fewer than two days" in series.notes[0]


def test_a_tag_with_nothing_in_force_says_why(source: PageSource) -> None:
    reason = "no experiment with the tag 'quiet' was in force on 2026-01-05"
    content = page_content(replace(source, rows=source.rows.head(0), reason=reason), CHINESE)
    assert content.experiments == ()
    assert content.nothing == "2026-01-05 没有标签为 'quiet' 的实验在运行"
    assert 'class="nothing"' in page_html(content, CHINESE)


def test_several_experiments_have_an_overview_with_anchors(source: PageSource) -> None:
    other = source.rows.with_columns(pl.lit("exp_2").alias("experiment_id"))
    twice = replace(source, rows=pl.concat([source.rows, other]))
    text = page_html(page_content(twice, ENGLISH), ENGLISH)
    assert text.index('href="#experiment-2"') < text.index('id="experiment-1"')
    assert 'id="experiment-2"' in text


def test_hostile_names_are_text_and_nothing_else(source: PageSource, english: str) -> None:
    text = page_html(page_content(hostile(source), ENGLISH), ENGLISH)
    read = Read(text)
    assert read.count("script") == 1
    assert read.count("img") == 0
    assert not [attrs for _, attrs in read.elements if any(name.startswith("on") for name in attrs)]
    shown = "".join(read.texts)
    assert "<script>window.hacked=1</script>" in shown
    assert '"><img src=x onerror="window.hacked=1">' in shown
    assert "名字 🎉" in shown
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_every_word_of_the_page_has_a_chinese_form() -> None:
    said = {
        node.args[0].value
        for path in PAGE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "say"
        and isinstance(node.args[0], ast.Constant)
    }
    template = (PAGE / "templates" / "page.html.j2").read_text(encoding="utf-8")
    said |= set(re.findall(r'say\("([^"]+)"\)', template))
    assert len(said) > 50
    assert [text for text in said if text not in CHINESE.messages] == []


def test_words_of_the_page_are_no_forms_of_stored_sentences() -> None:
    assert CHINESE.sentence("3 of 4 users") == "3 of 4 users"


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(
    source: PageSource, tmp_path: Path
) -> None:
    path = tmp_path / "new folder" / "page.html"
    size = write_page(source, path, "zh")
    assert path.stat().st_size == size
    assert 'lang="zh-Hans"' in path.read_text(encoding="utf-8")
    assert list(path.parent.iterdir()) == [path]


def test_a_path_that_cannot_be_written_is_told(source: PageSource, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot write"):
        write_page(source, tmp_path / "file" / "page.html")
    with pytest.raises(ConfigurationError, match="cannot write"):
        write_page(source, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
