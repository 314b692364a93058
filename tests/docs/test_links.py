"""Every relative link of the documentation leads somewhere."""

import pytest

from tests.docs.markdown import Page, page, pages

PAGES = [pytest.param(item, id=item.name) for item in pages()]


@pytest.mark.parametrize("item", PAGES)
def test_relative_links_resolve(item: Page) -> None:
    broken = [link for link in item.links if not _resolves(item, link)]
    assert not broken, f"{item.name} links to what is not there: {', '.join(broken)}"


def test_a_link_into_a_page_needs_its_heading() -> None:
    readme = page("README.md")
    assert _resolves(readme, "docs/modules.md#metrics")
    assert not _resolves(readme, "docs/modules.md#no-such-heading")
    assert not _resolves(readme, "docs/no-such-page.md")


def _resolves(item: Page, link: str) -> bool:
    if link.startswith(("https://", "http://", "mailto:")):
        return True
    name, _, anchor = link.partition("#")
    target = (item.path.parent / name).resolve() if name else item.path
    if not target.exists():
        return False
    if not anchor:
        return True
    named = page(target.relative_to(page("README.md").path.parent).as_posix())
    return anchor in named.anchors
