"""The two READMEs say the same: they cannot drift apart unseen."""

import re

from tests.docs.markdown import Page, page

ENGLISH, CHINESE = page("README.md"), page("README.zh-CN.md")


def test_both_have_the_same_commands() -> None:
    assert _commands(CHINESE) == _commands(ENGLISH)


def test_both_have_headings_of_the_same_levels() -> None:
    levels = [level for level, _ in ENGLISH.headings]
    assert [level for level, _ in CHINESE.headings] == levels


def test_both_link_to_the_same_places_in_the_same_order() -> None:
    assert _targets(CHINESE) == _targets(ENGLISH)


def test_each_links_to_the_other() -> None:
    assert "README.zh-CN.md" in ENGLISH.links
    assert "README.md" in CHINESE.links


def test_both_list_the_same_settings_with_the_same_names() -> None:
    assert _settings(CHINESE) == _settings(ENGLISH)


def test_both_lists_of_what_does_not_work_are_equally_long() -> None:
    assert _bullets(CHINESE) == _bullets(ENGLISH)


def _commands(readme: Page) -> list[list[str]]:
    """Each block's lines without what is said beside them."""
    return [
        [command for line in text.splitlines() if (command := re.sub(r" *(^|\s)# .*", "", line))]
        for _, text in readme.code_blocks
    ]


def _targets(readme: Page) -> list[str]:
    """Links to headings of the page itself have the words of its language."""
    own = {"README.md", "README.zh-CN.md"}
    return sorted(link for link in readme.links if link not in own and not link.startswith("#"))


def _settings(readme: Page) -> list[list[str]]:
    rows = readme.table_rows("variable", "变量")
    return [re.findall(r"`([A-Z][A-Z_]+)`", cells[0]) for cells in rows]


def _bullets(readme: Page) -> int:
    return len(re.findall(r"^- ", readme.prose, re.MULTILINE))
