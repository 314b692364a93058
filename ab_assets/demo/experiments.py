"""The experiments the company runs: the story of the demo, in one place.

What belongs here: each experiment's arms, phases, planted factors, faults and metric roles. What
does not: what we expect the analysis to say about them (``truth.py``) and how rows are made.
"""

from ab_assets.demo.blueprint import NO_EFFECT, Arm, Effects, ExperimentPlan, Faults, PhasePlan

_HALVES = (0.5, 0.5)
_ADS_GUARDRAILS = ("sessions_per_user", "crash_rate", "complaint_rate")
_SUBSCRIBE_GUARDRAILS = (
    "active_days_per_user",
    "cancellation_rate",
    "refund_rate",
    "crash_rate",
    "complaint_rate",
)
_SUBSCRIBE_SECONDARY = ("subscription_revenue_per_user", "trial_to_paid")
_RETENTION_SECONDARY = ("active_days_per_user", "sessions_per_user")
_RETENTION_GUARDRAILS = ("push_opt_out_rate", "crash_rate", "complaint_rate")
_RECHARGE_GUARDRAILS = ("active_days_per_user", "refund_rate", "crash_rate", "complaint_rate")
_CHAT_SECONDARY = ("messages_per_user", "rounds_per_session", "retention_d1")
_CHAT_GUARDRAILS = (
    "sessions_per_user",
    "chat_report_rate",
    "push_opt_out_rate",
    "crash_rate",
    "complaint_rate",
)


def _ids(*names: str) -> tuple[str, ...]:
    return tuple(f"fact__{name}" for name in names)


def _arms(*names: str) -> tuple[Arm, ...]:
    return tuple(Arm(str(index), name) for index, name in enumerate(names))


def _main(
    key: str, *effects: Effects, weights: tuple[float, ...] = _HALVES, coverage: float = 1.0
) -> tuple[PhasePlan, ...]:
    planted = effects or (NO_EFFECT,) * (len(weights) - 1)
    return (PhasePlan("Main", 0, None, key, weights, (NO_EFFECT, *planted), coverage),)


_ADS = (
    ExperimentPlan(
        key="ads_feed_density",
        name="One more ad in the feed",
        hypothesis="A third ad slot earns more than the attention it costs.",
        tags=("ads",),
        arms=_arms("Two slots", "Three slots"),
        phases=_main("ads_feed_density", {"impressions": 1.30, "impression_value": 0.96}),
        goals=_ids("ad_revenue_per_user"),
        secondary=_ids("ctr"),
        guardrails=_ids("ads_per_session", *_ADS_GUARDRAILS),
    ),
    ExperimentPlan(
        key="ads_native_format",
        name="Native ad format",
        hypothesis="Ads that look like posts are clicked more often.",
        tags=("ads",),
        arms=_arms("Banner", "Native"),
        phases=_main("ads_native_format", {"click": 1.25}, coverage=0.9),
        goals=_ids("ctr"),
        secondary=_ids("ad_revenue_per_user"),
        guardrails=_ids("ads_per_session", *_ADS_GUARDRAILS),
    ),
    ExperimentPlan(
        key="ads_banner_refresh",
        name="Faster banner refresh",
        hypothesis="A banner that changes every 20 seconds earns more.",
        tags=("ads",),
        arms=_arms("60 seconds", "20 seconds"),
        phases=(
            PhasePlan("Main", 0, 7, "ads_banner_refresh", _HALVES, (NO_EFFECT, NO_EFFECT), 0.3),
        ),
        goals=_ids("ad_revenue_per_user"),
        secondary=_ids("ctr"),
        guardrails=_ids("ads_per_session", *_ADS_GUARDRAILS),
        status="stopped",
        archived=True,
    ),
)

_RETENTION = (
    ExperimentPlan(
        key="retention_daily_streak",
        name="Daily streak",
        hypothesis="A visible streak brings people back.",
        tags=("retention",),
        arms=_arms("No streak", "Streak"),
        phases=(
            PhasePlan(
                "Ramp-up, streak resets at midnight UTC",
                0,
                7,
                "retention_daily_streak",
                (0.8, 0.2),
                (NO_EFFECT, {"activity": 0.75}),
            ),
            PhasePlan(
                "Streak with a day of grace",
                7,
                None,
                "retention_daily_streak-2",
                _HALVES,
                (NO_EFFECT, {"activity": 1.2}),
            ),
        ),
        goals=_ids("retention_d1", "retention_d7"),
        secondary=_ids(*_RETENTION_SECONDARY),
        guardrails=_ids(*_RETENTION_GUARDRAILS),
    ),
    ExperimentPlan(
        key="retention_push_digest",
        name="Weekly digest by push",
        hypothesis="A digest reminds people of what they missed.",
        tags=("retention",),
        arms=_arms("No digest", "Digest"),
        phases=_main("retention_push_digest", coverage=0.8),
        goals=_ids("retention_d1", "retention_d7"),
        secondary=_ids(*_RETENTION_SECONDARY),
        guardrails=_ids(*_RETENTION_GUARDRAILS),
    ),
)

_SUBSCRIBE = (
    ExperimentPlan(
        key="subscribe_paywall",
        name="Paywall v2",
        hypothesis="Showing the yearly plan first sells more; closing the back door does too.",
        tags=("subscribe",),
        arms=_arms("Current paywall", "Yearly plan first", "Paywall without a close button"),
        phases=_main(
            "subscribe_paywall",
            {"conversion": 1.5},
            {"conversion": 0.6},
            weights=(0.34, 0.33, 0.33),
        ),
        trigger="paywall",
        goals=_ids("subscribe_conversion"),
        secondary=_ids(*_SUBSCRIBE_SECONDARY),
        guardrails=_ids(*_SUBSCRIBE_GUARDRAILS),
    ),
    ExperimentPlan(
        key="subscribe_trial_length",
        name="Trial of seven days",
        hypothesis="A longer trial convinces more people.",
        tags=("subscribe",),
        arms=_arms("Three days", "Seven days"),
        phases=_main("subscribe_trial_length"),
        trigger="paywall",
        goals=_ids("subscribe_conversion"),
        secondary=_ids(*_SUBSCRIBE_SECONDARY),
        guardrails=_ids(*_SUBSCRIBE_GUARDRAILS),
        faults=Faults(lost_treatment_rate=0.22),
    ),
    ExperimentPlan(
        key="vip_home_card",
        name="VIP card on the home screen",
        hypothesis="People subscribe, and top up, when they see what members get.",
        tags=("subscribe", "recharge"),
        arms=(Arm("control", "No card"), Arm("card", "VIP card")),
        phases=_main("vip_home_card", {"conversion": 1.6}, coverage=0.9),
        goals=_ids("subscribe_conversion", "payer_rate_7d"),
        secondary=_ids(*_SUBSCRIBE_SECONDARY, "recharge_success_rate", "recharge_arpu"),
        guardrails=_ids(*_SUBSCRIBE_GUARDRAILS),
        faults=Faults(unknown_only=15, unknown_beside=6),
    ),
)

_RECHARGE = (
    ExperimentPlan(
        key="recharge_checkout",
        name="New checkout",
        hypothesis="A checkout of one page loses fewer payments.",
        tags=("recharge",),
        arms=_arms("Three pages", "One page"),
        phases=_main("recharge_checkout", {"success": 0.88}),
        trigger="store",
        goals=_ids("recharge_success_rate"),
        secondary=_ids("payer_rate_7d", "recharge_arpu"),
        guardrails=_ids(*_RECHARGE_GUARDRAILS),
    ),
    ExperimentPlan(
        key="recharge_first_bonus",
        name="Bonus on the first recharge",
        hypothesis="A bonus turns visitors of the store into payers.",
        tags=("recharge",),
        arms=_arms("No bonus", "10 % bonus"),
        phases=(
            PhasePlan(
                "Main", 0, 14, "recharge_first_bonus", _HALVES, (NO_EFFECT, {"attempt": 1.4})
            ),
        ),
        trigger="store",
        goals=_ids("payer_rate_7d"),
        secondary=_ids("recharge_success_rate", "recharge_arpu"),
        guardrails=_ids(*_RECHARGE_GUARDRAILS),
        status="stopped",
        overrides={
            "fact__payer_rate_7d": {"delayHours": 0, "windowHours": 168, "window": "conversion"}
        },
    ),
)

_CHAT = (
    ExperimentPlan(
        key="chat_entry_button",
        name="Chat button on every page",
        hypothesis="People who see the button start to chat.",
        tags=("chat_entry",),
        arms=_arms("Menu entry", "Floating button"),
        phases=_main("chat_entry_button", {"chat_open": 1.3}),
        goals=_ids("chat_starter_rate", "chat_rounds_per_user"),
        secondary=_ids(*_CHAT_SECONDARY),
        guardrails=_ids(*_CHAT_GUARDRAILS),
    ),
    ExperimentPlan(
        key="chat_entry_sidebar",
        name="Chats in a sidebar",
        hypothesis="A list of chats in sight leads to more rounds.",
        tags=("chat_entry",),
        arms=_arms("No sidebar", "Sidebar"),
        phases=_main("chat_entry_sidebar", coverage=0.6),
        goals=_ids("chat_rounds_per_user"),
        secondary=_ids("chat_starter_rate", *_CHAT_SECONDARY),
        guardrails=_ids(*_CHAT_GUARDRAILS),
        hash_version=1,
        faults=Faults(crossover_rate=0.025),
    ),
    ExperimentPlan(
        key="chat_entry_voice",
        name="Voice input",
        hypothesis="Speaking is easier than typing.",
        tags=("chat_entry",),
        arms=_arms("Text", "Text and voice"),
        phases=_main("chat_entry_voice"),
        goals=_ids("chat_rounds_per_user"),
        secondary=_ids("chat_starter_rate", *_CHAT_SECONDARY),
        guardrails=_ids(*_CHAT_GUARDRAILS),
        status="draft",
        faults=Faults(testers_only=12),
    ),
)

_PUSH = (
    ExperimentPlan(
        key="push_opt_in",
        name="Ask for push later",
        hypothesis="People agree more often once they know the app.",
        tags=("push",),
        arms=_arms("First start", "Third session"),
        phases=(PhasePlan("Main", 7, None, "push_opt_in", _HALVES, (NO_EFFECT, NO_EFFECT), 0.3),),
        goals=_ids("push_opt_out_rate"),
    ),
)

EXPERIMENTS: tuple[ExperimentPlan, ...] = (
    *_ADS,
    *_RETENTION,
    *_SUBSCRIBE,
    *_RECHARGE,
    *_CHAT,
    *_PUSH,
)
