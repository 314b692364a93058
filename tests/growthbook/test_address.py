import pytest
from pydantic import SecretStr

from ab_assets.errors import ConfigurationError
from ab_assets.growthbook.address import api_base
from ab_assets.growthbook.client import GrowthBookClient


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://api.growthbook.io", "https://api.growthbook.io/api/v1"),
        (" https://gb.example.com:3100/ ", "https://gb.example.com:3100/api/v1"),
        ("http://gb.example.com/growthbook/api/v1/", "http://gb.example.com/growthbook/api/v1"),
        ("http://[::1]:3100", "http://[::1]:3100/api/v1"),
    ],
)
def test_an_address_is_completed(given: str, base: str) -> None:
    assert api_base(given) == base


@pytest.mark.parametrize(
    "given",
    [
        "",
        "gb.example.com",
        "localhost:3100",
        "ftp://gb.example.com",
        "file:///etc/passwd",
        "https://",
        "https://gb.example.com:port",
        "https://gb.example.com:0",
        "https://gb example.com",
        "https://gb.example.com/\x00",
        "http://[::1",
    ],
)
def test_what_is_no_web_address_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(ConfigurationError, match=r"no http or https.*like https://"):
        api_base(given)


@pytest.mark.parametrize(
    "given",
    ["https://me:hunter2@gb.example.com", "https://gb.example.com?a=hunter2", "https://a#hunter2"],
)
def test_an_address_that_carries_more_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(ConfigurationError, match="GROWTHBOOK_API_URL") as caught:
        api_base(given)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "  ", "secret_ä", "secret_a b", "secret_a\nX-Evil: 1"])
def test_a_key_no_header_can_hold_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(ConfigurationError, match="GROWTHBOOK_API_KEY") as caught:
        GrowthBookClient("https://gb.example.com", SecretStr(key))
    assert "secret_" not in str(caught.value)
