"""A language: the words of a page, and the sentences that stand in the tables.

What belongs here: looking both up. What does not: reading catalogues (``catalogue``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from ab_assets.errors import ConfigurationError
from ab_assets.reporting.language.catalogue import read_catalogue
from ab_assets.reporting.language.forms import SentenceForm, sentence_forms

LANGUAGES = ("en", "zh")
_AS_HTML_NAMES_IT = {"en": "en", "zh": "zh-Hans"}
_SEPARATOR = "; "


@dataclass(frozen=True, slots=True)
class Language:
    """One language; English is what everything is written in.

    Attributes:
        code: ``en`` or ``zh``.
        messages: English text → its translation.
        forms: The same for sentences with values in them, the most particular first.
        separator: What stands between two sentences in one.
    """

    code: str
    messages: Mapping[str, str] = field(default_factory=dict, repr=False)
    forms: tuple[SentenceForm, ...] = field(default=(), repr=False)
    separator: str = _SEPARATOR

    @property
    def html_name(self) -> str:
        """The name HTML knows it by."""
        return _AS_HTML_NAMES_IT[self.code]

    def say(self, message: str, **values: object) -> str:
        """Words of the page.

        Args:
            message: The English text, with ``{name}`` where values stand.
            values: What stands there, as it is to be shown.

        Examples:
            >>> language_of("zh").say("Goals"), language_of("en").say("{n} days", n=3)
            ('目标指标', '3 days')
        """
        return self.messages.get(message, message).format(**values)

    def sentence(self, text: str) -> str:
        """A sentence of the tables, which hold English; one of no known form stays as it is.

        Examples:
            >>> language_of("zh").sentence("goal better: retention_d1")
            '目标指标变好：retention_d1'
            >>> language_of("zh").sentence("something new")
            'something new'
        """
        if text in self.messages:
            return self.messages[text]
        for form in self.forms:
            values = form.values_of(text)
            if values is not None:
                return form.translation.format(
                    **{name: self._value(name, value) for name, value in values.items()}
                )
        return text

    def _value(self, name: str, value: str) -> str:
        """A value of a sentence, which may be made of sentences itself."""
        if name.startswith("sentences"):
            parts = value.split(_SEPARATOR)
            return self.separator.join(self.sentence(part) for part in parts)
        return self.sentence(value) if name.startswith("sentence") else value


@cache
def language_of(code: str) -> Language:
    """The language of a code.

    Raises:
        ConfigurationError: There is none.
    """
    if code not in LANGUAGES:
        message = f"there is no language {code!r}; there are {', '.join(LANGUAGES)}"
        raise ConfigurationError(message)
    if code == "en":
        return Language("en")
    messages = read_catalogue(code)
    words = read_catalogue(code, "page") | messages
    return Language(code, words, sentence_forms(messages), "；")
