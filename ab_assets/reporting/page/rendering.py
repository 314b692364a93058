"""A page as HTML text.

What belongs here: the template's environment and the pictures' text alternatives. What does not:
what is shown.
"""

import base64
import hashlib
import html
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ab_assets.reporting.formatting import plain_text
from ab_assets.reporting.language import Language
from ab_assets.reporting.page.content import PageContent, Picture

# Of the first element, which is vl-convert's own.
_VIEW_BOX = re.compile(r'viewBox="[0-9. -]+"')
_WIDTH = re.compile(r'width="([0-9.]+)"')
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
    """The SVG, at most as wide as it was drawn, and told in words to a reader of the screen."""
    words = html.escape(plain_text(picture.label))
    box, width = _VIEW_BOX.search(picture.svg), _WIDTH.search(picture.svg)
    if box is None or width is None:
        message = "vl-convert drew a chart without a size"
        raise ValueError(message)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box[0]} style="width:{width[1]}px" '
        f'role="img" aria-label="{words}"><title>{words}</title>'
    )
    # vl-convert escapes the text that it draws; markup from outside cannot get here.
    return Markup(opening + picture.svg.split(">", 1)[1])  # noqa: S704


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
