from collections.abc import Callable
from dataclasses import replace

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.planning.request import Judgement, PlannedMetric, PlanRequest
from ab_assets.planning.traffic import Traffic
from tests.planning.builders import MEAN, RATE, a_request

WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "rate of 1": (lambda: replace(RATE, baseline=1.0), "between 0 and 1, not at 1; write 10 %"),
    "no number": (lambda: replace(RATE, baseline=float("nan")), "a baseline of nan"),
    "no spread": (lambda: replace(MEAN, stddev=0.0), "Visits: .*every user has the same value"),
    "endless spread": (lambda: replace(MEAN, stddev=float("inf")), "a number above 0, not inf"),
    "negative spread": (lambda: replace(MEAN, stddev=-1.0), "above 0, not -1"),
    "all variance gone": (lambda: replace(MEAN, variance_reduction=1.0), "from 0 to below 1"),
    "looks of a fixed test": (lambda: Judgement("fixed", 3), "has one look"),
    "too many looks": (lambda: Judgement("always-valid", 101), "from 1 to 100, not 101"),
    "one arm": (lambda: a_request(weights=(1.0,)), "a control and at least one variation"),
    "an empty arm": (lambda: a_request(weights=(1.0, 0.0)), "a share above 0"),
    "a short split": (lambda: a_request(weights=(0.6, 0.3)), "sum to 100 %, not to 90 %"),
    "alpha in per cent": (lambda: a_request(alpha=5.0), "alpha lies between 0 and 1, not at 5"),
    "no power": (lambda: a_request(power=0.04), "had without any user"),
    "no comparison": (lambda: a_request(comparisons=0), "at least one comparison"),
    "no effect": (lambda: a_request(effect=0.0), "an effect of nothing"),
    "a vast effect": (lambda: a_request(metric=MEAN, effect=1e200), "no change of any measure"),
    "beyond all": (lambda: a_request(effect=0.95), r"\+95 points .* from 10 % to 105 %"),
    "below nothing": (lambda: a_request(effect=-0.2), "to -10 %"),
    "three users": (lambda: a_request(users=3), "3 users are fewer than two in each of 2 arms"),
    "no day": (lambda: a_request(days=0), "at least one day"),
    "days of nobody": (lambda: a_request(days=7, traffic=None), "only with --units-per-day"),
    "days and users": (lambda: a_request(days=7, users=100), "contradict each other"),
    "days before it counts": (
        lambda: a_request(metric=replace(RATE, closing_days=7), days=7),
        "Buyers counts a user 7 days after exposure: in 7 days nobody counts",
    ),
    "days of two": (lambda: a_request(days=1, traffic=Traffic(2.0)), "fewer than two users an arm"),
    "no question": (lambda: PlanRequest(metric=RATE), "say what has to be found"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_in_a_sentence(name: str) -> None:
    make, sentence = WRONG[name]
    with pytest.raises(ConfigurationError, match=sentence):
        make()


def test_the_smallest_variation_is_compared_with_the_control() -> None:
    request = a_request(weights=(0.5, 0.3, 0.2), comparisons=2)
    assert request.pair_share == pytest.approx(0.7)
    assert request.arms.treatment_share == pytest.approx(2 / 7)
    assert request.alpha_each == 0.025


def test_users_count_after_the_metrics_window() -> None:
    request = a_request(metric=replace(RATE, closing_days=3))
    assert [request.counted_by(days) for days in (2, 3, 10)] == [0, 0, 7000]
    assert a_request(traffic=None).counted_by(10) is None


def test_a_metric_has_its_spread_label_and_unit() -> None:
    assert RATE.spread == pytest.approx(0.3)
    assert MEAN.spread == 5.0
    assert (RATE.shown_unit, MEAN.shown_unit) == ("percent", "")
    assert PlannedMetric(kind="mean", baseline=1.0, stddev=1.0, name="visits").label == "visits"
