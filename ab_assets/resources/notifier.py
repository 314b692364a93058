"""The channel of alerts as a Dagster resource.

What belongs here: wiring the settings to a channel. What does not: formats and delivery
(``ab_assets.alerts``).
"""

from typing import TYPE_CHECKING

from dagster import ConfigurableResource

from ab_assets.deferred import deferred
from ab_assets.settings import read_settings

if TYPE_CHECKING:
    from ab_assets.alerts.channels.channel import Channel
    from ab_assets.alerts.channels.opening import open_channel
else:
    open_channel = deferred("ab_assets.alerts.channels.opening:open_channel")


class NotifierResource(ConfigurableResource[None]):
    """Opens the channel that ``AB_ALERT_KIND`` names.

    Addresses and passwords are no fields: those are stored and shown as configuration. They are
    read from the environment when the channel is opened.

    Attributes:
        enabled: False keeps everything unsaid, as on a copy of the production instance.
    """

    enabled: bool = True

    def open(self) -> "Channel | None":
        """The channel; None when none is configured or wanted.

        Raises:
            ConfigurationError: Only a part is set, or something wrong.
        """
        return open_channel(read_settings()) if self.enabled else None
