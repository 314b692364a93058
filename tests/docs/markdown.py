"""Pages of the documentation, read as far as the tests need it: headings, links, code, tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ab_assets.settings import PROJECT_ROOT

_FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]*(?:\([^()]*\)[^()\s]*)*)\)")
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *#*$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    path: Path
    text: str

    @property
    def name(self) -> str:
        return self.path.relative_to(PROJECT_ROOT).as_posix()

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return _FENCE.sub("", self.text)

    @property
    def code_blocks(self) -> list[tuple[str, str]]:
        """Language and text."""
        return [(found.group(1), found.group(2)) for found in _FENCE.finditer(self.text)]

    @property
    def inline_code(self) -> list[str]:
        return [" ".join(text.split()) for text in re.findall(r"`([^`]+)`", self.prose)]

    @property
    def links(self) -> list[str]:
        without_code = re.sub(r"`[^`]*`", "`", self.prose)
        return _LINK.findall(without_code)

    @property
    def headings(self) -> list[tuple[int, str]]:
        """Level and text."""
        return [(len(marks), text) for marks, text in _HEADING.findall(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """What a link may name after the ``#``, by GitHub's rule."""
        counted: dict[str, int] = {}
        found = set()
        for _, text in self.headings:
            shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
            slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
            place = counted.get(slug, 0)
            counted[slug] = place + 1
            found.add(f"{slug}-{place}" if place else slug)
        return found

    def table_rows(self, *first_header: str) -> Iterator[list[str]]:
        """The cells of the rows of each table whose first column is called one of these."""
        header = ""
        for line in self.prose.splitlines():
            if not line.startswith("|"):
                header = ""
                continue
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if not header:
                header = cells[0]
            elif header in first_header and not set(cells[0]) <= set("-: "):
                yield cells


@cache
def page(name: str) -> Page:
    path = PROJECT_ROOT / name
    return Page(path, path.read_text(encoding="utf-8"))


@cache
def pages() -> tuple[Page, ...]:
    """The READMEs, the changelog, the security policy and everything below ``docs``."""
    paths = [
        *PROJECT_ROOT.glob("README*.md"),
        PROJECT_ROOT / "CHANGELOG.md",
        PROJECT_ROOT / "SECURITY.md",
        *(PROJECT_ROOT / "docs").rglob("*.md"),
    ]
    return tuple(page(path.relative_to(PROJECT_ROOT).as_posix()) for path in sorted(paths))
