"""Words of a page in each language."""

import re

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.reporting.language import LANGUAGES, language_of
from ab_assets.reporting.language.catalogue import read_catalogue
from ab_assets.reporting.language.forms import form_of

FIELD = re.compile(r"\{(\w+)\}")


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="no language 'fr'; there are en, zh"):
        language_of("fr")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_message_without_a_translation_is_said_in_english(code: str) -> None:
    assert language_of(code).say("{n} words nobody translated", n=3) == "3 words nobody translated"


def test_values_of_a_message_are_shown_and_never_read() -> None:
    assert language_of("en").say("{name} won", name="{secret} %s") == "{secret} %s won"
    assert language_of("zh").sentence("goal better: {secret}") == "目标指标变好：{secret}"


def test_html_knows_each_language_by_its_name() -> None:
    assert [language_of(code).html_name for code in LANGUAGES] == ["en", "zh-Hans"]


@pytest.mark.parametrize(("said", "told"), read_catalogue("zh").items())
def test_a_translation_has_the_fields_of_its_message(said: str, told: str) -> None:
    assert sorted(FIELD.findall(told)) == sorted(FIELD.findall(said))


def test_a_form_takes_whole_sentences_only() -> None:
    form = form_of("{users} users in {arm}", "")
    assert form.values_of("5 users in b") == {"users": "5", "arm": "b"}
    assert form.values_of("5 users in ") is None
    assert form.values_of("there are 5 users") is None


def test_signs_of_a_form_mean_themselves() -> None:
    assert form_of("p (= {p})? a+b", "").values_of("p (= 0.1)? a+b") == {"p": "0.1"}
    assert form_of("p (= {p})? a+b", "").values_of("p = 0.1 aab") is None
