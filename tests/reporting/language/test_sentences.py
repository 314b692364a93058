"""Every sentence that decisions, reasons and checks make is said in every language."""

import re
from collections.abc import Iterator
from itertools import product
from math import nan

import pytest

from ab_assets.health.conservation import check_conservation
from ab_assets.health.crossovers import check_crossovers, check_unknown_variations
from ab_assets.health.design import check_design, check_full_day
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.sample_ratio import check_sample_ratio
from ab_assets.health.sample_ratio_by_dimension import Segment, check_sample_ratio_by_dimension
from ab_assets.modules.health_limits import FullDayLimits
from ab_assets.reporting import reasons
from ab_assets.reporting.decision import Decision, decide
from ab_assets.reporting.language import language_of
from ab_assets.stats.reasons import SENTENCES
from tests.health import (
    test_configuration,
    test_enrolment,
    test_event_join,
    test_metric_jump,
    test_metric_missing,
    test_pre_exposure,
)
from tests.health.builders import an_assignment, an_item
from tests.reporting.test_decision import BREACHED, LOSER, WINNER, YOUNG, a_goal, a_guardrail
from tests.sql.bench import gate

CHINESE = language_of("zh")
EVEN = {"0": 0.5, "1": 0.5}
# English words left in a translated sentence; names and keys of the samples are not among them.
ENGLISH = re.compile(r"\b(the|of|units?|users?|more|days?|no|is|are|and|arms?|tests?|has|have)\b")


def decisions() -> Iterator[str]:
    families = (
        [WINNER],
        [WINNER, a_guardrail(margin_p_value=0.5)],
        [LOSER],
        [a_goal(), BREACHED],
        [a_goal(p_value=nan)],
        [a_goal()],
        [a_goal(**YOUNG)],
        [a_goal(**YOUNG | {"days_needed": 15.0, "users_needed": 2000.0})],
        [a_goal(**YOUNG | {"days_needed": nan, "users_needed": nan})],
        [a_goal(**YOUNG, enough=False)],
    )
    for evidence, days, ended, distrust in product(
        families, (0.5, 6.0, 13.0, 14.0), (False, True), ("", "crossovers")
    ):
        yield decide(evidence, distrust=distrust, days=days, alpha=0.05, ended=ended).reason


def missing_numbers() -> Iterator[str]:
    yield from (text for text in SENTENCES.values() if text)
    yield from (value for name, value in vars(reasons).items() if name.isupper() or name in NAMED)
    yield "welch-t, not adjusted: the covariate does not vary"


NAMED = ("_NOBODY", "_UNBOUNDED", "_UNPLANNED", "_CONSTANT_COVARIATE")


def segments(*units: tuple[int, int]) -> list[Segment]:
    return [Segment("os", f"v{place}", {"0": a, "1": b}) for place, (a, b) in enumerate(units)]


def assignments() -> Iterator[Finding]:
    fine = an_assignment(500, 510)
    yield check_conservation("e", fine, fine)
    yield check_conservation("e", an_assignment(500, 500), fine)
    yield check_crossovers("e", fine, "01")
    yield check_crossovers("e", an_assignment(5000, 5000, crossovers={"0": 200, "1": 200}), "01")
    yield check_crossovers("e", an_assignment(50000, 50000, crossovers={"0": 90}), "01")
    yield check_unknown_variations("e", fine)
    yield check_unknown_variations("e", an_assignment(500, 500, unknown={"7": 40, "x": 2}))
    yield check_sample_ratio("e", fine, EVEN)
    yield check_sample_ratio("e", an_assignment(5000, 5500), EVEN)
    yield check_sample_ratio("e", an_assignment(3, 2), EVEN)
    yield check_sample_ratio("e", an_assignment(500, 40), {"0": 1.0, "1": 0.0})
    for units, whole in (
        (segments((500, 510)), False),
        (segments((2, 1)), False),
        (segments((5000, 5600)), False),
        (segments((5000, 5600), (5000, 5500)), False),
        (segments((5000, 5600)), True),
    ):
        yield check_sample_ratio_by_dimension("e", units, EVEN, whole_fails=whole)


def measures() -> Iterator[Finding]:
    event_join, missing, jump = test_event_join, test_metric_missing, test_metric_jump
    yield event_join.check((1000, 300), (1000, 310))
    yield event_join.check((1000, 960), (1000, 950))
    yield event_join.check((1000, 300), (1000, 700))
    yield missing.check(missing.an_arm(500, 200), missing.an_arm(500, 190))
    yield missing.check(missing.an_arm(500, 200), missing.an_arm(500, 190, amount=0))
    yield missing.check(missing.an_arm(500, 200), missing.an_arm(500, 0, amount=0))
    yield jump.check(jump.CONTROL, jump.TREATMENT)
    yield jump.check(jump.CONTROL, (*jump.TREATMENT[:-1], 900))
    yield jump.check(jump.CONTROL[:3], jump.TREATMENT[:3])
    values = [0.0, 1.0, 2.0, 3.0] * 50
    shifted = [value + 2 for value in values]
    yield test_pre_exposure.check(values, values, values)
    yield test_pre_exposure.check(values, shifted, values)
    yield test_pre_exposure.check(values, shifted, shifted)
    yield test_pre_exposure.check([1.0], [1.0], [1.0], minimum_units=50)


def designs() -> Iterator[Finding]:
    for units in ((1000, 900), (1000, 99), (1000, 0), (5,)):
        yield test_enrolment.check(*units)
    yield test_enrolment.check(1000, 5, day_closed=False)
    rows = (("03-01 01:00", (0.5, 0.5)), ("03-03 01:00", (0.9, 0.1)))
    phase = test_configuration.phase
    yield test_configuration.check(
        phase((0.9, 0.1)),
        *(test_configuration.a_row(seen, phase(weights)) for seen, weights in rows),
    )
    yield test_configuration.check(phase(), test_configuration.a_row("03-01 01:00", phase()))
    yield test_configuration.check(
        phase(coverage=0.5, seed="new"), test_configuration.a_row("03-01 01:00", phase())
    )
    item = an_item(gate())
    yield check_full_day(item)
    yield check_full_day(item, FullDayLimits(hours=900))
    yield check_design(item)
    for change in (
        {"type": "multi-armed-bandit"},
        {"activation_metric": "fact__opened"},
        {"segment_id": "seg_1"},
    ):
        yield check_design(an_item(gate(**change)))


FINDINGS = [*assignments(), *measures(), *designs()]
STORED = sorted(
    {
        *decisions(),
        *missing_numbers(),
        *(finding.message for finding in FINDINGS),
        *(finding.distrust for finding in FINDINGS if finding.distrust),
        *(word.value for kind in (Decision, Status, Check) for word in kind),
    }
)


@pytest.mark.parametrize("text", STORED)
def test_a_stored_sentence_is_said_in_chinese(text: str) -> None:
    told = CHINESE.sentence(text)
    assert told != text
    assert ENGLISH.findall(told) == []
    assert "{" not in told


def test_all_ways_a_decision_is_made_are_among_the_samples() -> None:
    reasons_seen = set(decisions())
    assert {reason.split(":")[0] for reason in reasons_seen} >= {
        "not trusted",
        "guardrail worse than its margin",
        "goal worse",
        "goal better",
        "no goal has a number yet",
        "the planned size is reached and no goal moved",
        "the phase ended before its planned size",
        "too few users to plan with",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "not trusted: sample-ratio mismatch in os=iOS",
            "结果不可信：os=iOS 内样本比例不匹配（SRM）",
        ),
        (
            "goal better: a, b; not yet proven harmless: crash_rate",
            "目标指标变好：a, b；尚未证明无害的护栏指标：crash_rate",
        ),
        (
            "63 more days until payer_rate has 94,315 users",
            "再过 63 天，payer_rate 可达到 94,315 名用户",
        ),
    ],
)
def test_the_values_of_a_sentence_stay_as_they_are(text: str, told: str) -> None:
    assert CHINESE.sentence(text) == told


def test_a_sentence_of_several_is_said_part_by_part() -> None:
    text = (
        "inside the phase the weights changed from 0.5 / 0.5 to 0.9 / 0.1 "
        "(first seen 2026-01-02 03:00 UTC); the seed changed: units were drawn again"
    )
    assert CHINESE.sentence(text) == (
        "阶段内：流量权重由 0.5 / 0.5 变为 0.9 / 0.1（首次发现于 2026-01-02 03:00 UTC）；"
        "随机种子已更换：用户被重新分组"
    )


@pytest.mark.parametrize("text", ["", "what nobody foresaw: {0} {name}", "50 % of {everything}"])
def test_a_sentence_of_no_known_form_stays_as_it_is(text: str) -> None:
    assert CHINESE.sentence(text) == text
    assert language_of("en").sentence(text) == text
