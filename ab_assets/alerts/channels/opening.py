"""The channel that the settings name.

What belongs here: choosing and refusing. What does not: what a channel does.
"""

from pydantic import SecretStr

from ab_assets.alerts.channels.channel import Channel
from ab_assets.alerts.channels.dingtalk import DingTalkChannel
from ab_assets.alerts.channels.email import EmailChannel, mail_address, mail_server
from ab_assets.alerts.channels.feishu import FeishuChannel
from ab_assets.alerts.channels.generic import GenericChannel
from ab_assets.alerts.channels.http import Webhook
from ab_assets.alerts.channels.slack import SlackChannel
from ab_assets.errors import ConfigurationError
from ab_assets.settings import Settings

_WEBHOOKS: dict[str, type[SlackChannel | FeishuChannel | DingTalkChannel | GenericChannel]] = {
    "slack": SlackChannel,
    "feishu": FeishuChannel,
    "dingtalk": DingTalkChannel,
    "generic": GenericChannel,
}


def open_channel(settings: Settings) -> Channel | None:
    """The channel; None when nothing of it is set.

    Raises:
        ConfigurationError: Only a part is set, or something wrong; no secret is repeated.
    """
    kind = settings.alert_kind
    if kind is None:
        given = [
            name
            for name, value in (
                ("AB_ALERT_WEBHOOK", settings.alert_webhook),
                ("AB_ALERT_SMTP_URL", settings.alert_smtp_url),
            )
            if value is not None
        ]
        if not given:
            return None
        message = (
            f"{given[0]} is set but AB_ALERT_KIND is not; set it to slack, feishu, dingtalk, "
            "generic or email"
        )
        raise ConfigurationError(message)
    if kind == "email":
        return _email(settings)
    if settings.alert_webhook is None:
        message = f"AB_ALERT_KIND is {kind} but AB_ALERT_WEBHOOK is not set; set it to the address"
        raise ConfigurationError(message)
    webhook = Webhook(settings.alert_webhook, settings.alert_secret or SecretStr(""))
    return _WEBHOOKS[kind](webhook)


def _email(settings: Settings) -> EmailChannel:
    wanted = (
        ("AB_ALERT_SMTP_URL", settings.alert_smtp_url),
        ("AB_ALERT_FROM", settings.alert_from),
        ("AB_ALERT_TO", settings.alert_to),
    )
    missing = [name for name, value in wanted if value is None]
    if settings.alert_smtp_url is None or missing:
        message = f"AB_ALERT_KIND is email but {' and '.join(missing)} is not set"
        raise ConfigurationError(message)
    recipients = [text for text in (settings.alert_to or "").split(",") if text.strip()]
    return EmailChannel(
        mail_server(settings.alert_smtp_url),
        mail_address(settings.alert_from or "", "AB_ALERT_FROM"),
        tuple(mail_address(text, "AB_ALERT_TO") for text in recipients),
    )
