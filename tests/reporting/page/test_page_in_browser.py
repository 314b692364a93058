"""The page in Chromium: nothing runs that is not ours, tables sort, a phone does not scroll it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from ab_assets.reporting.page.source import PageSource
from ab_assets.reporting.page.writing import write_page
from tests.reporting.page.test_page import hostile

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@dataclass
class Opened:
    """A page, what it asked for and what it complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def opened(source: PageSource, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    path = Path(tmp_path_factory.mktemp("browser")) / "page.html"
    write_page(hostile(source), path)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        made = Opened(page)
        page.on("request", lambda request: made.requests.append(request.url))
        page.on("console", lambda message: made.errors.append(message.text))
        page.on("pageerror", lambda error: made.errors.append(str(error)))
        page.goto(path.as_uri())
        yield made
        browser.close()


def test_nothing_is_asked_from_anywhere_and_nothing_is_complained_of(opened: Opened) -> None:
    assert len(opened.requests) == 1
    assert opened.errors == []


def test_hostile_names_run_nothing_and_are_shown(opened: Opened) -> None:
    assert opened.page.evaluate("window.hacked") is None
    shown = opened.page.inner_text("body")
    assert "<script>window.hacked=1</script>" in shown
    assert "名字 🎉" in shown


def test_the_page_does_not_scroll_sideways_on_a_phone(opened: Opened) -> None:
    width = opened.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_no_chart_is_wider_than_a_phone(opened: Opened) -> None:
    widths = opened.page.locator("svg").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().right)"
    )
    assert widths
    assert max(widths) <= 390


def test_breakdowns_are_closed_and_open_on_paper(opened: Opened) -> None:
    def are_open() -> set[bool]:
        parts = opened.page.locator("details")
        return set(parts.evaluate_all("all => all.map(one => one.open)"))

    assert are_open() == {False}
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert are_open() == {True}
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert are_open() == {False}


@pytest.mark.parametrize("by", ["click", "Enter"])
def test_a_table_sorts(opened: Opened, by: str) -> None:
    page = opened.page
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    table = page.locator("table", has_text="Health checks").or_(page.locator("table")).nth(3)
    head = table.locator("th.number").first
    button = head.locator("button")
    place = head.evaluate("element => element.cellIndex")
    orders = []
    for _ in range(2):
        if by == "click":
            button.click()
        else:
            button.focus()
            page.keyboard.press(by)
        cells = table.locator(f"tbody td:nth-child({place + 1})")
        values = cells.evaluate_all("all => all.map(cell => Number(cell.dataset.order))")
        orders.append((head.get_attribute("aria-sort"), values == sorted(values), len(set(values))))
    assert {order[0] for order in orders} == {"ascending", "descending"}
    assert [is_rising for sort, is_rising, _ in orders if sort == "ascending"] == [True]
    assert orders[0][2] > 1
