"""The planted truths, seen in the rows by a calculation that shares nothing with the engine."""

import numpy as np
import pytest

from ab_assets.demo import Company, PlantedTruth, build_company
from ab_assets.demo.truth import TRUTH
from tests.demo import direct
from tests.demo.direct import Difference

CLEAR = 6.0
CLEAR_ANYWHERE = 4.5
CONVERSIONS = ("trial_start", "subscription_start")
EFFECTS = [truth for truth in TRUTH if truth.relative_effect]
NULLS = [truth for truth in TRUTH if truth.relative_effect == 0]


def _difference(company: Company, truth: PlantedTruth) -> Difference:
    """The metric of a truth, written down once more by hand."""
    units = direct.units(company, truth.experiment_key)

    def count(name: str) -> direct.pl.DataFrame:
        return direct.measure(company, units, (name,))

    arms = (units.keys[0], truth.variation_key)
    match truth.metric:
        case "ad_revenue_per_user":
            rows = direct.measure(company, units, ("ad_impression",), value=True)
            return direct.compare(rows, *arms)
        case "ads_per_session":
            return direct.compare_ratio(count("ad_impression"), count("session_start"), *arms)
        case "ctr":
            return direct.compare_ratio(count("ad_click"), count("ad_impression"), *arms)
        case "success_rate":
            return direct.compare_ratio(count("recharge_success"), count("recharge_attempt"), *arms)
        case "retention_d1":
            return direct.compare(direct.retained(company, units, day=1), *arms)
        case "subscribe_conversion":
            rows = direct.measure(company, units, CONVERSIONS, hours=72)
        case "payer_rate_7d":
            rows = direct.measure(company, units, ("recharge_success",), hours=168)
        case "chat_starter_rate":
            rows = direct.measure(company, units, ("chat_round",), hours=72)
    return direct.compare(rows.with_columns(y=(direct.pl.col("y") > 0).cast(float)), *arms)


@pytest.fixture(scope="module")
def found(company: Company) -> dict[PlantedTruth, Difference]:
    return {truth: _difference(company, truth) for truth in (*EFFECTS, *NULLS)}


def _named(truth: PlantedTruth) -> str:
    return f"{truth.tag}-{truth.experiment_key}-{truth.metric}-{truth.variation_key}"


@pytest.mark.parametrize("truth", EFFECTS, ids=_named)
def test_a_planted_effect_is_clearly_visible(
    found: dict[PlantedTruth, Difference], truth: PlantedTruth
) -> None:
    assert np.sign(truth.relative_effect) * found[truth].z > CLEAR


@pytest.mark.parametrize("truth", EFFECTS, ids=_named)
def test_a_planted_effect_has_about_its_true_size(
    found: dict[PlantedTruth, Difference], truth: PlantedTruth
) -> None:
    difference = found[truth]
    tolerance = 3 * difference.standard_error
    assert difference.relative == pytest.approx(truth.relative_effect, abs=tolerance)


@pytest.mark.parametrize("truth", NULLS, ids=_named)
def test_a_planted_null_looks_like_nothing(
    found: dict[PlantedTruth, Difference], truth: PlantedTruth
) -> None:
    assert abs(found[truth].z) < 2


def test_another_seed_plants_the_same_truths() -> None:
    other = build_company(seed=1)
    for truth in EFFECTS:
        difference = _difference(other, truth)
        assert np.sign(truth.relative_effect) * difference.z > CLEAR_ANYWHERE, truth
    assert direct.units(other, "subscribe_trial_length").sample_ratio_p_value < 1e-6


def test_mixing_the_phases_would_hide_the_streak_effect(company: Company) -> None:
    key = "retention_daily_streak"
    first = direct.compare(direct.retained(company, direct.units(company, key, 0), day=1), "0", "1")
    assert first.z < -CLEAR


def test_history_predicts_what_follows(company: Company) -> None:
    units = direct.units(company, "retention_push_digest")
    rows = direct.measure(company, units, ("session_start",)).join(
        direct.before(company, units, "session_start").select("user_id", "x"), on="user_id"
    )
    reduction = np.corrcoef(rows["x"].to_numpy(), rows["y"].to_numpy())[0, 1] ** 2
    assert reduction > 0.25


@pytest.mark.parametrize(
    "key", sorted({truth.experiment_key for truth in TRUTH if truth.verdict in ("ship", "none")})
)
def test_arms_are_alike_before_exposure(company: Company, key: str) -> None:
    units = direct.units(company, key)
    rows = direct.before(company, units, "session_start").rename({"x": "y"})
    for arm in units.keys[1:]:
        assert abs(direct.compare(rows, units.keys[0], arm).z) < 3


def test_every_truth_is_about_an_experiment_with_its_tag(company: Company) -> None:
    for truth in TRUTH:
        answer = direct.experiment(company, truth.experiment_key)
        keys = [variation["key"] for variation in answer["variations"]]
        assert truth.tag in answer["tags"]
        assert truth.variation_key in ("", *keys)


def test_every_experiment_has_a_truth(company: Company) -> None:
    pairs = {
        (tag, answer["trackingKey"])
        for answer in company.growthbook["experiments"]
        for tag in answer["tags"]
    }
    assert {(truth.tag, truth.experiment_key) for truth in TRUTH} == pairs


def test_the_company_hands_its_truth_on(small: Company) -> None:
    assert small.truth is TRUTH


@pytest.mark.parametrize(
    ("verdict", "decisions"),
    [
        ("ship", ("ship",)),
        ("rollback", ("rollback",)),
        ("none", ("extend", "stop")),
        ("untrusted", ("none",)),
        ("absent", ()),
    ],
)
def test_a_verdict_names_the_decisions_that_agree_with_it(
    verdict: str, decisions: tuple[str, ...]
) -> None:
    truth = PlantedTruth("t", "e", "m", "1", "null", None, verdict, "")
    assert truth.expected_decisions == decisions
