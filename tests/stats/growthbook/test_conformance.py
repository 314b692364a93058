"""GrowthBook's own figures, each case through the function that answers it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ab_assets.stats.best_arm import best_arm
from ab_assets.stats.contrast import arm_estimate, z_test
from ab_assets.stats.growthbook import effect as gb
from ab_assets.stats.growthbook import inference, power
from ab_assets.stats.growthbook.post_stratification import post_stratified_effect
from ab_assets.stats.moments import Moments
from ab_assets.stats.multiplicity import holm
from ab_assets.stats.posterior import posterior_summary

CASES_FILE = (
    Path(__file__).resolve().parents[4] / "shared" / "data" / "growthbook_statistics_cases.json"
)
CASES: list[dict[str, Any]] = (
    json.loads(CASES_FILE.read_text())["cases"] if CASES_FILE.exists() else []
)
RATIO_PARTS = ("num_post", "den_post", "num_pre", "den_pre")
RATIO_PRODUCTS = (
    "sum_numpost_denpost",
    "sum_numpost_numpre",
    "sum_numpost_denpre",
    "sum_numpre_denpost",
    "sum_denpost_denpre",
    "sum_numpre_denpre",
)


def moments(arm: dict[str, Any]) -> Moments:
    n, kind = arm["n"], arm["type"]
    if kind == "mean":
        return Moments.from_sums(n, [arm["sum"]], [arm["sum_squares"]])
    if kind == "proportion":
        return gb.proportion_moments(arm["sum"], n)
    if kind == "quantile_unit":
        return gb.quantile_moments(
            n, arm["estimate"], arm["lower"], arm["upper"], events=arm["n_star"]
        )
    if kind == "ratio":
        parts, products = (arm["numerator"], arm["denominator"]), [arm["sum_num_den"]]
    elif kind == "mean_cuped":
        parts, products = (arm["post"], arm["pre"]), [arm["sum_post_pre"]]
    else:
        parts = tuple(arm[part] for part in RATIO_PARTS)
        products = [arm[product] for product in RATIO_PRODUCTS]
    return Moments.from_sums(n, [p["sum"] for p in parts], packed(parts, products))


def packed(parts: tuple, products: list[float]) -> list[float]:
    squares = [part["sum_squares"] for part in parts]
    if len(parts) == 2:
        return [squares[0], products[0], squares[1]]
    n_d, n_np, n_dp, np_d, d_dp, np_dp = products
    return [squares[0], n_d, n_np, n_dp, squares[1], np_d, d_dp, squares[2], np_dp, squares[3]]


def effect_of(inputs: dict[str, Any]) -> gb.Effect:
    kind = inputs["control"]["type"]
    arms = moments(inputs["control"]), moments(inputs["treatment"])
    estimate = gb.ratio_effect if kind.startswith("ratio") else gb.mean_effect
    return estimate(
        *arms,
        relative=inputs["difference_type"] == "relative",
        theta=inputs["control"].get("theta"),
    )


def means_of(inputs: dict[str, Any], suffix: str = "") -> dict[str, float]:
    result = {}
    for arm in ("control", "treatment"):
        mean = moments(inputs[arm]).mean
        ratio = inputs[arm]["type"].startswith("ratio")
        value = (
            np.divide(mean[0], mean[1], where=mean[1] != 0, out=np.zeros(())) if ratio else mean[0]
        )
        result[f"mean_{arm}{suffix}"] = float(value)
    return result


def frequentist(inputs: dict[str, Any], result: inference.Test) -> dict[str, Any]:
    return {
        "effect": result.estimate,
        "se": result.standard_error,
        "ci": [result.low, result.high],
        "p_value": result.p_value,
    } | means_of(inputs, "_unadjusted")


def welch(inputs: dict[str, Any]) -> dict[str, Any]:
    alternative = inputs.get("alternative", "two-sided")
    return frequentist(inputs, inference.t_test(effect_of(inputs), inputs["alpha"], alternative))


def sequential(inputs: dict[str, Any]) -> dict[str, Any]:
    alternative = inputs.get("alternative", "two-sided")
    return frequentist(
        inputs,
        inference.sequential_test(
            effect_of(inputs), inputs["alpha"], inputs["tuning_parameter"], alternative
        ),
    )


def bayes(inputs: dict[str, Any]) -> dict[str, Any]:
    prior = inputs["prior"]
    variance = prior["variance"] if prior["proper"] else np.inf
    result = inference.posterior(
        effect_of(inputs), prior.get("mean", 0.0), variance, inputs["alpha"]
    )
    return {
        "effect": result.estimate,
        "se": result.standard_error,
        "ci": [result.low, result.high],
        "chance_to_win": result.chance_to_win,
        "risk": [result.risk_control, result.risk_treatment],
        "risk_treatment": result.risk_treatment,
    } | means_of(inputs)


def expected_loss(inputs: dict[str, Any]) -> dict[str, Any]:
    result = posterior_summary(np.array(inputs["posterior_mean"]), np.array(inputs["posterior_sd"]))
    return {"risk": [result.loss_if_kept, result.loss_if_shipped]}


def adjusted_stddev(inputs: dict[str, Any]) -> dict[str, Any]:
    arms = [moments(inputs[arm]) for arm in ("control", "treatment_1", "treatment_2")]
    theta = [gb.pooled_theta(arms[0], arms[k]) for k in (1, 2)]
    return {
        "stddev_control_from_pair_0_2": np.sqrt(gb.adjusted_variance(arms[0], theta[1])),
        "stddev_treatment_1_from_pair_0_1": np.sqrt(gb.adjusted_variance(arms[1], theta[0])),
        "stddev_treatment_2_from_pair_0_2": np.sqrt(gb.adjusted_variance(arms[2], theta[1])),
    }


def relative_difference(inputs: dict[str, Any]) -> dict[str, Any]:
    arms = [
        Moments(np.array(9.0), np.array([inputs[f"mean_{arm}"] * 1.0]), np.ones((1, 1)))
        for arm in ("control", "treatment")
    ]
    return {"effect": gb.mean_effect(*arms).estimate}


def effect_moments(inputs: dict[str, Any]) -> dict[str, Any]:
    effect = effect_of(inputs)
    return {"effect": effect.estimate, "se": np.sqrt(effect.variance)}


def post_stratification(inputs: dict[str, Any]) -> dict[str, Any]:
    arms = []
    for arm in ("control", "treatment"):
        strata = [moments(stratum[arm]) for stratum in inputs["strata"]]
        arms.append(
            Moments(*(np.stack([getattr(s, f) for s in strata]) for f in ("n", "mean", "scatter")))
        )
    ratio = inputs["strata"][0]["control"]["type"].startswith("ratio")
    effect, error = post_stratified_effect(*arms, outcomes=2 if ratio else 1)
    return {"effect": effect, "se": error}


def mid_experiment(inputs: dict[str, Any]) -> dict[str, Any]:
    effect = effect_of(inputs)
    factor = power.scaling_factor(
        effect.variance,
        effect.units,
        inputs["target_mde"],
        target=inputs["target_power"],
        alpha=inputs["alpha"],
        tuning=inputs["tuning_parameter"],
    )
    return {"scaling_factor": factor}


def srm(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"p_value": inference.sample_ratio_p_value(inputs["users"], inputs["weights"])}


def delta_variance(inputs: dict[str, Any]) -> dict[str, Any]:
    arms = (
        arm_estimate(
            np.array(1.0 * inputs[f"n_{arm}"]),
            np.array(1.0 * inputs[f"mean_{arm}"]),
            np.array(inputs[f"var_{arm}"] / inputs[f"n_{arm}"]),
        )
        for arm in ("control", "treatment")
    )
    return {"variance": z_test(*arms).variance}


def plan(inputs: dict[str, Any], metric: dict[str, Any], units: Any) -> power.Plan:  # noqa: ANN401
    proportion = metric["type"] == "proportion"
    mean = metric["rate"] if proportion else metric["mean"]
    return power.Plan(
        mean=mean,
        variance=mean * (1 - mean) if proportion else metric["sd"] ** 2,
        units=units,
        variations=inputs.get("n_variations", 2),
        alpha=inputs["alpha"],
        tuning=inputs.get("tuning_parameter"),
    )


def plain_power(inputs: dict[str, Any]) -> dict[str, Any]:
    planned = plan(inputs, inputs, inputs["n_total"])
    return {"power": power.relative_power(planned, inputs["effect_relative"])}


def power_by_week(inputs: dict[str, Any]) -> dict[str, Any]:
    weeks = np.array(inputs["weeks"])
    result: dict[str, Any] = {"power": {}, "mde": {}, "weeks_needed": {}}
    for name, metric in inputs["metrics"].items():
        planned = plan(inputs, metric, weeks * inputs["users_per_week"])
        result["power"][name] = power.relative_power(planned, metric["effect_relative"])
        result["mde"][name] = power.relative_detectable_effect(planned, inputs["target_power"])
        enough = weeks[result["power"][name] >= inputs["target_power"]]
        result["weeks_needed"][name] = int(enough[0]) if len(enough) else None
    return result


def bayesian_mde(inputs: dict[str, Any]) -> dict[str, Any]:
    planned = plan(inputs, inputs, 2 * inputs["n_per_variation"])
    prior = inputs["prior"]["mean"], inputs["prior"]["variance"]
    return {"mde": power.bayesian_detectable_effect(planned, prior, inputs["power"])}


METHODS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "welch_t_two_sided": welch,
    "welch_t_one_sided": welch,
    "sequential_two_sided": sequential,
    "sequential_one_sided": sequential,
    "gaussian_posterior": bayes,
    "gaussian_expected_loss": expected_loss,
    "cuped_adjusted_stddev": adjusted_stddev,
    "relative_difference": relative_difference,
    "effect_moments": effect_moments,
    "post_stratification": post_stratification,
    "mid_experiment_power": mid_experiment,
    "srm_chi2": srm,
    "p_adjust_holm": lambda i: {"adjusted_in_input_order": holm(i["p_values"])},
    "ci_from_adjusted_p": lambda i: {
        "ci": inference.interval_from_adjusted_p(i["estimate"], i["p_adjusted"], i["alpha"])
    },
    "delta_variance": delta_variance,
    "power": plain_power,
    "power_by_week": power_by_week,
    "mde_bayesian": bayesian_mde,
}


def assert_close(got: Any, expected: Any, tolerance: float, where: str) -> None:  # noqa: ANN401
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert_close(got[key], value, tolerance, f"{where}.{key}")
    elif expected is None:
        assert got is None, where
    else:
        want = np.array([float(v) for v in np.atleast_1d(np.array(expected, dtype=object))])
        have = np.array([float(v) for v in np.atleast_1d(np.array(got, dtype=object))])
        np.testing.assert_allclose(have, want, rtol=0, atol=tolerance, err_msg=where)


@pytest.mark.skipif(not CASES, reason=f"no conformance figures at {CASES_FILE.name}")
def test_all_forty_eight_cases_are_there() -> None:
    assert len(CASES) == 48


@pytest.mark.parametrize(
    "case",
    CASES or [pytest.param(None, marks=pytest.mark.skip(reason="no conformance figures here"))],
    ids=lambda case: case["name"] if case else "missing",
)
def test_growthbooks_figure_comes_out(case: dict[str, Any]) -> None:
    if case["method"] == "best_arm_probability":
        chance = best_arm(case["inputs"]["means"], case["inputs"]["sds"]).probability
        np.testing.assert_allclose(chance, case["exact_reference"], rtol=0, atol=5.1e-10)
        assert chance.sum() == pytest.approx(1.0, abs=case["expected"]["sum_to_one_within"])
        return
    got = METHODS[case["method"]](case["inputs"])
    for key, expected in case["expected"].items():
        if key == "power_at_scaling_factor":
            continue
        tolerance = case.get(f"tolerance_abs_{key}", case["tolerance_abs"])
        if key == "scaling_factor":
            tolerance = expected * case["tolerance_rel_scaling_factor"]
        assert_close(got[key], expected, tolerance, key)
