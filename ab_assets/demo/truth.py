"""What was planted, and what a sound analysis must say about it.

What belongs here: one record for each planted fact, with its true effect and the verdict it
deserves. What does not: how it is planted (``experiments.py``) or found.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "effect",
    "null",
    "loser",
    "guardrail_breach",
    "sample_ratio_mismatch",
    "crossover",
    "phases",
    "unknown_variation",
    "draft",
    "archived",
    "stopped",
    "several_tags",
    "unmapped_tag",
]
Verdict = Literal["ship", "rollback", "none", "untrusted", "absent"]

_DECISIONS: dict[Verdict, tuple[str, ...]] = {
    "ship": ("ship",),
    "rollback": ("rollback",),
    "none": ("extend", "stop"),
    "untrusted": ("none",),
    "absent": (),
}


@dataclass(frozen=True)
class PlantedTruth:
    """One planted fact.

    Attributes:
        tag: The tag under which it shows.
        experiment_key: The experiment's tracking key.
        metric: The metric that shows it; empty when the whole experiment does.
        variation_key: The arm compared with the control; empty when all arms are concerned.
        kind: What was planted.
        relative_effect: The true change of the metric relative to the control; None when the fact
            is no effect. Where a proportion saturates it is the mean over many seeds.
        verdict: What the comparison of this arm deserves on the last day: ship, rollback, none (no
            effect), untrusted, or absent (there must be no comparison at all).
        sentence: The fact in words.
    """

    tag: str
    experiment_key: str
    metric: str
    variation_key: str
    kind: Kind
    relative_effect: float | None
    verdict: Verdict
    sentence: str

    @property
    def expected_decisions(self) -> tuple[str, ...]:
        """The decisions of a report row that agree with the verdict.

        >>> PlantedTruth("ads", "a", "ctr", "1", "null", 0.0, "none", "").expected_decisions
        ('extend', 'stop')
        """
        return _DECISIONS[self.verdict]


TRUTH: tuple[PlantedTruth, ...] = (
    PlantedTruth(
        "ads",
        "ads_feed_density",
        "ad_revenue_per_user",
        "1",
        "effect",
        0.248,
        "rollback",
        "Three slots earn a quarter more, which alone would be a reason to ship.",
    ),
    PlantedTruth(
        "ads",
        "ads_feed_density",
        "ads_per_session",
        "1",
        "guardrail_breach",
        0.30,
        "rollback",
        "Ad load rises by 30 %, three times the margin of its guardrail.",
    ),
    PlantedTruth(
        "ads",
        "ads_native_format",
        "ctr",
        "1",
        "effect",
        0.25,
        "ship",
        "Native ads are clicked a quarter more often, and nothing else changes.",
    ),
    PlantedTruth(
        "ads",
        "ads_banner_refresh",
        "",
        "",
        "archived",
        None,
        "absent",
        "The experiment is archived: its exposures are there and must not be reported.",
    ),
    PlantedTruth(
        "retention",
        "retention_daily_streak",
        "retention_d1",
        "1",
        "phases",
        0.20,
        "ship",
        "The second phase brings people back a fifth more often; the first, with another seed and "
        "split, drove a quarter of them away, so mixing the phases would hide the win.",
    ),
    PlantedTruth(
        "retention",
        "retention_push_digest",
        "retention_d1",
        "1",
        "null",
        0.0,
        "none",
        "The digest changes nothing.",
    ),
    PlantedTruth(
        "subscribe",
        "subscribe_paywall",
        "subscribe_conversion",
        "1",
        "effect",
        0.49,
        "ship",
        "Of three arms, the yearly plan first sells half as often again at each view.",
    ),
    PlantedTruth(
        "subscribe",
        "subscribe_paywall",
        "subscribe_conversion",
        "2",
        "loser",
        -0.40,
        "rollback",
        "The paywall without a close button loses two conversions in five.",
    ),
    PlantedTruth(
        "subscribe",
        "subscribe_trial_length",
        "",
        "1",
        "sample_ratio_mismatch",
        None,
        "untrusted",
        "Exposures of a fifth of the Android units in the treatment never arrive.",
    ),
    PlantedTruth(
        "subscribe",
        "vip_home_card",
        "subscribe_conversion",
        "card",
        "several_tags",
        0.58,
        "ship",
        "One experiment, two tags: for subscribe the card is a win.",
    ),
    PlantedTruth(
        "recharge",
        "vip_home_card",
        "payer_rate_7d",
        "card",
        "several_tags",
        0.0,
        "none",
        "One experiment, two tags: for recharge the card changes nothing.",
    ),
    PlantedTruth(
        "subscribe",
        "vip_home_card",
        "",
        "",
        "unknown_variation",
        None,
        "ship",
        "Fifteen units carry only a key that is no variation, six carry it beside their own.",
    ),
    PlantedTruth(
        "recharge",
        "recharge_checkout",
        "success_rate",
        "1",
        "loser",
        -0.12,
        "rollback",
        "The checkout of one page loses an eighth of the payments.",
    ),
    PlantedTruth(
        "recharge",
        "recharge_first_bonus",
        "payer_rate_7d",
        "1",
        "stopped",
        0.28,
        "ship",
        "Stopped after two weeks; people tried to pay 40 % more often, so 28 % more became payers.",
    ),
    PlantedTruth(
        "chat_entry",
        "chat_entry_button",
        "chat_starter_rate",
        "1",
        "effect",
        0.24,
        "ship",
        "A floating button opens the chat 30 % more often, so 24 % more people start to chat.",
    ),
    PlantedTruth(
        "chat_entry",
        "chat_entry_sidebar",
        "",
        "1",
        "crossover",
        None,
        "untrusted",
        "One unit in forty sees both arms.",
    ),
    PlantedTruth(
        "chat_entry",
        "chat_entry_voice",
        "",
        "",
        "draft",
        None,
        "absent",
        "The experiment is a draft that testers have tried: it must not be reported.",
    ),
    PlantedTruth(
        "push",
        "push_opt_in",
        "",
        "",
        "unmapped_tag",
        None,
        "absent",
        "No module claims the tag: GrowthBook's check names it, and nothing is guessed.",
    ),
)
