"""Messages of which nobody knows whether they arrived.

What belongs here: which of them a later message is to repeat. What does not: how it does
(``digest``), and sending (``delivery``).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ab_assets.alerts.attempts import State, standing_of
from ab_assets.alerts.channels.channel import Channel
from ab_assets.alerts.ledger import Entry
from ab_assets.alerts.message import Message


def uncertain_messages(
    entries: Iterable[Entry], channel: Channel, now: datetime, grace: timedelta
) -> tuple[Message, ...]:
    """Messages whose fate is unknown, that are not sent again and that nothing repeats yet."""
    if channel.is_idempotent:
        return ()
    entries = list(entries)
    states = {entry.message.id: standing_of(entry.attempts, now, grace).state for entry in entries}
    repeated = {
        mentioned
        for entry in entries
        if states[entry.message.id] is not State.UNKNOWN
        for mentioned in entry.message.mentions
    }
    return tuple(
        entry.message
        for entry in entries
        if states[entry.message.id] is State.UNKNOWN and entry.message.id not in repeated
    )
