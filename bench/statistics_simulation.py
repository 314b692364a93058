"""The rates the statistics claim, over many simulated experiments.

What belongs here: long versions of the tests' simulations, as a table with the Monte Carlo error
of each rate. What does not: pass or fail (``tests/stats`` holds the short versions with their
bounds).

    python bench/statistics_simulation.py [runs, default 200000]
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.always_valid import SequentialPlan, always_valid_test
from ab_assets.stats.comparison import compare
from ab_assets.stats.contrast import ArmEstimate, Contrast, arm_estimate, z_test
from ab_assets.stats.cuped import cuped_mean_contrast
from ab_assets.stats.difference import difference_test
from ab_assets.stats.false_coverage import false_coverage_alpha
from ab_assets.stats.group_sequential import spending_design
from ab_assets.stats.looks import running_p_value
from ab_assets.stats.mean import mean_contrast
from ab_assets.stats.moments import Moments
from ab_assets.stats.multiplicity import benjamini_hochberg
from ab_assets.stats.regression import lin_contrast
from ab_assets.stats.sample_ratio import sample_ratio
from ab_assets.stats.sample_ratio_sequential import sequential_sample_ratio
from ab_assets.stats.uplift import delta, fieller

if TYPE_CHECKING:
    from numpy.typing import NDArray

Z = 1.959963984540054
ALPHA, MISMATCH_ALPHA = 0.05, 0.01
PAYING, CHANGED = 0.05, 0.3
RNG = np.random.default_rng(2024)


def show(name: str, claimed: str, hits: NDArray[np.float64] | NDArray[np.bool_]) -> None:
    rate, error = float(np.mean(hits)), float(np.std(hits) / np.sqrt(np.size(hits)))
    print(f"| {name:66} | {claimed:>8} | {rate:8.4f} | {error:6.4f} |")


def known(mean: NDArray[np.float64], variance: float) -> ArmEstimate:
    return arm_estimate(np.full_like(mean, 1e9), mean, np.full_like(mean, variance))


def uplift(runs: int) -> None:
    for noise, lift in ((0.02, 0.0), (0.05, 0.2), (0.1, 0.2), (0.3, 0.2)):
        means = (RNG.normal(mean, noise, runs) for mean in (1.0, 1.0 + lift))
        pair = z_test(*(known(mean, noise**2) for mean in means))
        show(f"Fieller covers, noise {noise}, lift {lift}", ".95", fieller(pair, Z).contains(lift))
        show(f"  finds the lift{' (size)' * (lift == 0)}", "", ~fieller(pair, Z).contains(0.0))
        show("  the delta interval finds it", "", ~delta(pair, Z).contains(0.0))


def revenue(runs: int, units: int) -> Contrast:
    shape = (runs, 2, units)
    rows = np.where(RNG.random(shape) < PAYING, RNG.lognormal(2.0, 1.5, shape), 0.0)[..., None]
    return mean_contrast(Moments.of(rows[:, 0]), Moments.of(rows[:, 1]))


def skewed(runs: int) -> None:
    for units in (200, 1000, 5000):
        pair = revenue(min(runs, 4_000_000 // units), units)
        test = difference_test(pair)
        show(f"Welch rejects a true null, skewed revenue, n = {units}", ".05", test.p_value < ALPHA)
        wrong = ~delta(pair, test.critical_value).contains(0.0)
        show("  the delta interval of the uplift", ".05", wrong)


def adjusted(runs: int) -> None:
    arms = []
    for n, spread in ((100, 3.0), (900, 1.0)):
        x = RNG.normal(size=(runs, n))
        arms.append(Moments.of(np.stack([x + spread * RNG.normal(size=x.shape), x], axis=-1)))
    for name, pair in (
        ("CUPED", cuped_mean_contrast(*arms).contrast),
        ("Lin", lin_contrast(*arms).contrast),
    ):
        interval = compare(pair).difference.interval
        show(
            f"{name} covers, 10/90 split, spread ratio 3", ".95", interval.low * interval.high <= 0
        )


def peeking(runs: int) -> None:
    total = np.cumsum(RNG.normal(size=(runs, 2, 30)) * np.sqrt(500.0), axis=-1)
    n = 500.0 * np.arange(1, 31)
    pair = z_test(*(arm_estimate(n, total[:, j] / n, 1.0 / n * np.ones((runs, 1))) for j in (0, 1)))
    show("a fixed test read 30 times", ".05", (difference_test(pair).p_value < ALPHA).any(axis=1))
    test = always_valid_test(pair, SequentialPlan(30_000))
    show("always-valid test read 30 times", "<.05", (test.p_value < ALPHA).any(axis=1))
    design = spending_design(np.arange(1, 31) / 30)
    z = np.abs(difference_test(pair).statistic)
    show("group-sequential, 30 looks", ".05", (z >= design.efficacy).any(axis=1))


def ratios(runs: int) -> None:
    units = RNG.multinomial(1000, [0.5, 0.5], size=(runs, 30)).cumsum(axis=1)
    show(
        "chi-square sample ratio at .01 read 30 times",
        ".01",
        (sample_ratio(units, [1, 1]).p_value < MISMATCH_ALPHA).any(axis=1),
    )
    p = running_p_value(sequential_sample_ratio(units, [1, 1]).p_value)
    show("sequential sample ratio at .01 read 30 times", "<.01", p[:, -1] < MISMATCH_ALPHA)


def selection(runs: int) -> None:
    truth = np.where(RNG.random((runs, 20)) < CHANGED, 2.5, 0.0)
    pair = z_test(known(np.zeros_like(truth), 0.5), known(RNG.normal(truth, 1.0), 0.5))
    chosen = benjamini_hochberg(difference_test(pair).p_value) <= ALPHA
    alpha = false_coverage_alpha(chosen, np.ones_like(chosen))
    for name, level in (
        ("false coverage of selected intervals, FCR", alpha),
        ("  unadjusted", 0.05),
    ):
        interval = difference_test(pair, level).interval
        missed = chosen & ((truth < interval.low) | (truth > interval.high))
        show(name, "<.05", missed.sum(axis=1) / np.maximum(chosen.sum(axis=1), 1))


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    print(f"| {'rate':66} | {'claimed':>8} | {'measured':>8} | {'±':>6} |")
    print(f"|{'-' * 68}|{'-' * 10}|{'-' * 10}|{'-' * 8}|")
    uplift(runs)
    skewed(runs // 10)
    adjusted(runs // 20)
    peeking(runs // 10)
    ratios(runs // 20)
    selection(runs // 10)


if __name__ == "__main__":
    main()
