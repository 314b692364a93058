"""Sentences with values in them: found again by their form.

What belongs here: turning a message with ``{name}`` fields into something that recognises sentences
made of it. What does not: translations.

The tables hold what was decided as English sentences, so that every reader of them understands it.
A page in another language finds the form of such a sentence and fills its values into the form's
translation.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class SentenceForm:
    """One form.

    Attributes:
        pattern: Matches sentences of this form; its groups are the fields.
        literal: How many characters of it are no field: the more, the more particular.
        translation: What it says in the other language, with the same fields.
    """

    pattern: re.Pattern[str]
    literal: int
    translation: str

    def values_of(self, text: str) -> Mapping[str, str] | None:
        """The fields of a sentence of this form; ``None`` where it is of another.

        Examples:
            >>> form_of("at least {count} users", "").values_of("at least 20 users")
            {'count': '20'}
        """
        found = self.pattern.fullmatch(text)
        return None if found is None else found.groupdict()


def form_of(message: str, translation: str) -> SentenceForm:
    """The form of a message."""
    parts = _FIELD.split(message)
    literals, names = parts[::2], parts[1::2]
    pattern = re.escape(literals[0])
    for name, literal in zip(names, literals[1:], strict=True):
        pattern += f"(?P<{name}>.+?){re.escape(literal)}"
    return SentenceForm(re.compile(pattern, re.DOTALL), sum(map(len, literals)), translation)


def sentence_forms(messages: Mapping[str, str]) -> tuple[SentenceForm, ...]:
    """The forms among some messages, the most particular first."""
    forms = [form_of(said, told) for said, told in messages.items() if _FIELD.search(said)]
    return tuple(sorted(forms, key=lambda form: -form.literal))
