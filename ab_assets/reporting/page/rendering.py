"""A page as HTML text.

What belongs here: the template's environment and the pictures' text alternatives. What does not:
what is shown.
"""

import base64
import hashlib
import html
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ab_assets.reporting.formatting import plain_text
from ab_assets.reporting.language import Language
from ab_assets.reporting.page.content import PageContent, Picture

_TEMPLATES = Path(__file__).parent / "templates"


def page_html(content: PageContent, language: Language) -> str:
    """The whole file; it asks for nothing from anywhere."""
    script = _text("sort.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _environment().get_template("page.html.j2").render(
        page=content,
        language=language,
        say=language.say,
        style=Markup(_text("style.css")),  # noqa: S704 (a file of ours)
        script=Markup(script),  # noqa: S704 (a file of ours)
        script_hash=digest,
    )  # fmt: skip


def drawn(picture: Picture) -> Markup:
    """The SVG with a title inside, so that a reader of the screen is told what it shows."""
    head, rest = picture.svg.split(">", 1)
    title = f"<title>{html.escape(plain_text(picture.label))}</title>"
    # vl-convert escapes the text that it draws; markup from outside cannot get here.
    return Markup(f"{head}>{title}{rest}")  # noqa: S704


def _harmless(value: object) -> object:
    """Text without control characters, wherever it comes from; files of ours stay as they are."""
    return plain_text(value) if type(value) is str else value


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    made.filters["drawn"] = drawn
    return made


@cache
def _text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")
