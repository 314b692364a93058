"""One look: what is wrong now, what is to be told of it, and telling it.

What belongs here: the order of these steps. What does not: any of them.
"""

from collections.abc import Callable
from datetime import datetime

from ab_assets.alerts.channels.channel import Channel
from ab_assets.alerts.delivery import Delivery, DeliveryLimits, DeliveryReport
from ab_assets.alerts.digest import MOST_MENTIONS, digest_moment, plan_digest, with_mentions
from ab_assets.alerts.ledger import Ledger
from ab_assets.alerts.message import Message
from ab_assets.alerts.planning import Observation, episodes_after, plan_messages
from ab_assets.alerts.uncertain import uncertain_messages


def tell(
    ledger: Ledger,
    channel: Channel,
    seen: Observation,
    clock: Callable[[], datetime],
    *,
    digest_hour: int,
    limits: DeliveryLimits | None = None,
) -> DeliveryReport:
    """Records what is to be told, then delivers what is due.

    Args:
        ledger: Its tables exist.
        channel: Where messages go.
        seen: What is wrong now.
        clock: The business's local time.
        digest_hour: The hour after which the digest is sent.
        limits: Bounds of the delivery.
    """
    limits = limits or DeliveryLimits()
    now = clock()
    with ledger.session():
        uncertain = uncertain_messages(ledger.outbox(), channel, now, limits.grace)
        ledger.add_messages(_planned(ledger, seen, uncertain, now, digest_hour))
    return Delivery(ledger, channel, limits, clock).run()


def _planned(
    ledger: Ledger,
    seen: Observation,
    uncertain: tuple[Message, ...],
    now: datetime,
    digest_hour: int,
) -> tuple[Message, ...]:
    episodes = ledger.episodes()
    messages = plan_messages(episodes, seen, now)
    if messages:
        messages = (with_mentions(messages[0], uncertain), *messages[1:])
        uncertain = uncertain[MOST_MENTIONS:]
    moment = digest_moment(now, digest_hour)
    if now < moment or ledger.has_digest(moment.date()):
        return messages
    after = episodes_after(episodes, messages)
    return (*messages, *plan_digest(after, seen, uncertain, now, moment))
