"""What a metric's values are in."""

from pathlib import Path

import pytest

from ab_assets.errors import ConfigurationError
from tests.modules.builders import a_metric, a_module, load


@pytest.mark.parametrize("unit", ["", "currency", "minutes", "percent"])
@pytest.mark.parametrize("kind", [{"type": "proportion"}, {"type": "retention", "day": 1}])
def test_shares_of_units_are_percentages_whatever_the_file_says(
    kind: dict[str, object], unit: str
) -> None:
    assert a_module().unit_of(a_metric(**kind, unit=unit)) == "percent"


def test_money_is_in_the_currency_of_the_module() -> None:
    assert a_module(currency="EUR").unit_of(a_metric(unit="currency")) == "EUR"


def test_money_of_a_module_that_names_no_currency_is_a_number() -> None:
    assert a_module().unit_of(a_metric(unit="currency")) == ""


@pytest.mark.parametrize("unit", ["", "minutes", "rounds"])
def test_other_words_stay(unit: str) -> None:
    assert a_module(currency="EUR").unit_of(a_metric(unit=unit)) == unit


@pytest.mark.parametrize("code", ["usd", "DOLLAR", "$", ""])
def test_a_currency_is_a_code_of_three_capitals(tmp_path: Path, code: str) -> None:
    with pytest.raises(ConfigurationError, match="currency"):
        load(tmp_path, currency=code)
