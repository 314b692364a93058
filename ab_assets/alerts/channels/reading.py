"""Answers of status 200 that hold a code of their own.

What belongs here: finding that code. What does not: what a code means.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ab_assets.alerts.wording import one_line

_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class CodedAnswer:
    """A code, 0 for success, and the other side's words."""

    code: int
    text: str


def coded_answer(
    body: bytes, code_names: Sequence[str], text_names: Sequence[str]
) -> CodedAnswer | None:
    """The code of an answer under the first of some names; None where there is none."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    if not isinstance(content, dict):
        return None
    codes = [content[name] for name in code_names if isinstance(content.get(name), int)]
    if not codes:
        return None
    texts = [content[name] for name in text_names if isinstance(content.get(name), str)]
    return CodedAnswer(int(codes[0]), one_line(texts[0] if texts else "", _LONGEST_TEXT))
