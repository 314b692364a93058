"""Which channel the environment names."""

# ruff: noqa: S106  of a test

import pytest

from ab_assets.alerts.channels.dingtalk import DingTalkChannel
from ab_assets.alerts.channels.email import EmailChannel
from ab_assets.alerts.channels.feishu import FeishuChannel
from ab_assets.alerts.channels.generic import GenericChannel
from ab_assets.alerts.channels.opening import open_channel
from ab_assets.alerts.channels.slack import SlackChannel
from ab_assets.errors import ConfigurationError
from ab_assets.resources.notifier import NotifierResource
from ab_assets.settings import read_settings
from tests.small_world import clear_environment

URL = "https://hooks.example/services/verysecret"
MAIL = {
    "AB_ALERT_KIND": "email",
    "AB_ALERT_SMTP_URL": "smtp://u:verysecret@mail.example",
    "AB_ALERT_FROM": "ab@example.com",
    "AB_ALERT_TO": "team@example.com, lead@example.com",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_environment(monkeypatch)


def opened(monkeypatch: pytest.MonkeyPatch, **variables: str) -> object:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return open_channel(read_settings())


def test_without_any_variable_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(monkeypatch) is None
    assert opened(monkeypatch, AB_ALERT_KIND="", AB_ALERT_WEBHOOK=" ") is None


@pytest.mark.parametrize(
    ("kind", "channel"),
    [
        ("slack", SlackChannel),
        ("feishu", FeishuChannel),
        ("dingtalk", DingTalkChannel),
        ("generic", GenericChannel),
    ],
)
def test_each_kind_is_its_channel(
    monkeypatch: pytest.MonkeyPatch, kind: str, channel: type
) -> None:
    made = opened(monkeypatch, AB_ALERT_KIND=kind, AB_ALERT_WEBHOOK=URL, AB_ALERT_SECRET="s3cret")
    assert isinstance(made, channel)
    assert made.name == kind


def test_mail_needs_a_server_a_sender_and_recipients(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(opened(monkeypatch, **MAIL), EmailChannel)


@pytest.mark.parametrize("missing", ["AB_ALERT_SMTP_URL", "AB_ALERT_FROM", "AB_ALERT_TO"])
def test_mail_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    with pytest.raises(ConfigurationError, match=missing):
        opened(monkeypatch, **{name: text for name, text in MAIL.items() if name != missing})


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"AB_ALERT_WEBHOOK": URL}, "AB_ALERT_WEBHOOK is set but AB_ALERT_KIND is not"),
        ({"AB_ALERT_SMTP_URL": MAIL["AB_ALERT_SMTP_URL"]}, "AB_ALERT_SMTP_URL is set but"),
        ({"AB_ALERT_KIND": "slack"}, "AB_ALERT_WEBHOOK is not set"),
        ({"AB_ALERT_KIND": "pager"}, "AB_ALERT_KIND: Input should be 'slack'"),
        ({"AB_ALERT_DIGEST_HOUR": "24"}, "AB_ALERT_DIGEST_HOUR"),
        ({"AB_DAGSTER_URL": "dagster.example"}, "AB_DAGSTER_URL"),
    ],
)
def test_half_a_configuration_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told) as refused:
        opened(monkeypatch, **variables)
    assert "verysecret" not in str(refused.value)


def test_secrets_are_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    made = opened(
        monkeypatch, AB_ALERT_KIND="generic", AB_ALERT_WEBHOOK=URL, AB_ALERT_SECRET="verysecret"
    )
    shown = f"{made!r} {vars(made)} {read_settings()!r} {NotifierResource()!r}"
    assert "verysecret" not in shown


def test_the_resource_opens_what_the_environment_names_unless_it_is_switched_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened(monkeypatch, AB_ALERT_KIND="slack", AB_ALERT_WEBHOOK=URL)
    assert isinstance(NotifierResource().open(), SlackChannel)
    assert NotifierResource(enabled=False).open() is None
