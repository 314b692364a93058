"""How long the statistics of 100,000 comparisons take, beside scipy in a loop and bare numpy.

What belongs here: the one vectorised pass every report makes (Welch, Fieller's interval, normal
posterior, expected losses, always-valid interval), and two yardsticks. What does not: accuracy
(``statistics_accuracy``), rates (``statistics_simulation``).

    python bench/statistics.py

Times are CPU seconds of one core (the least of several runs), so that a busy machine says the same.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

from ab_assets.stats.always_valid import SequentialPlan, tuned_rho2
from ab_assets.stats.comparison import compare
from ab_assets.stats.mean import mean_contrast
from ab_assets.stats.moments import Moments

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

COMPARISONS, LOOPED, RUNS = 100_000, 1_000, 9
PLANNED = 50_000.0
Numbers = tuple["NDArray[np.float64]", ...]


def summaries() -> Numbers:
    """Units, means and standard deviations of control and treatment."""
    rng = np.random.default_rng(1)
    level = rng.uniform(1.0, 20.0, COMPARISONS)
    n_a, n_b = rng.integers(1_000, 100_000, (2, COMPARISONS)).astype(float)
    s_a, s_b = level * rng.uniform(0.5, 2.0, (2, COMPARISONS))
    return n_a, level, s_a, n_b, level * (1.0 + rng.normal(0.0, 0.01, COMPARISONS)), s_b


def moments(
    n: NDArray[np.float64], mean: NDArray[np.float64], deviation: NDArray[np.float64]
) -> Moments:
    return Moments(n, mean[:, None], (deviation**2 * (n - 1))[:, None, None])


def engine(numbers: Numbers) -> object:
    """Ours, from moments to every reported number, reasons included."""
    pair = mean_contrast(moments(*numbers[:3]), moments(*numbers[3:]))
    return compare(pair, plan=SequentialPlan(PLANNED))


def bare(numbers: Numbers) -> object:
    """The same formulas in plain numpy: nothing checked, nothing explained."""
    n_a, m_a, s_a, n_b, m_b, s_b = numbers
    v_a, v_b = s_a**2 / n_a, s_b**2 / n_b
    v, d = v_a + v_b, m_b - m_a
    error = np.sqrt(v)
    df = v**2 / (v_a**2 / (n_a - 1) + v_b**2 / (n_b - 1))
    t = d / error
    p = 2 * special.stdtr(df, -np.abs(t))
    z = special.ndtri(0.975)
    q = z * (1 + (z * z + 1) / (4 * df))
    rho2 = float(tuned_rho2(0.05, PLANNED))
    k = (n_a + n_b) * rho2 + 1
    b = np.sqrt(2 * k / (k - 1) * np.log(np.sqrt(k) / 0.05))
    log_p = np.minimum(0, 0.5 * np.log(k) - (k - 1) * t * t / (2 * k))
    sets = []
    for reach in (q, b):
        a, h, c = m_a**2 - reach**2 * v_a, m_a * m_b, m_b**2 - reach**2 * v_b
        root = np.sqrt(h * h - a * c)
        sets += [(h - root) / a - 1, (h + root) / a - 1]
    win = special.ndtr(t)
    loss = error * (np.exp(-t * t / 2) / np.sqrt(2 * np.pi) - t * special.ndtr(-t))
    return (
        p,
        d - q * error,
        d + q * error,
        d - b * error,
        d + b * error,
        log_p,
        sets,
        win,
        loss,
        d + loss,
    )


def looped(numbers: Numbers) -> object:
    """scipy.stats called per comparison, as an analysis in a notebook would."""
    results = []
    rho2 = float(tuned_rho2(0.05, PLANNED))
    for n_a, m_a, s_a, n_b, m_b, s_b in zip(*numbers, strict=True):
        test = stats.ttest_ind_from_stats(m_b, s_b, n_b, m_a, s_a, n_a, equal_var=False)
        v_a, v_b = s_a**2 / n_a, s_b**2 / n_b
        error = np.sqrt(v_a + v_b)
        df = (v_a + v_b) ** 2 / (v_a**2 / (n_a - 1) + v_b**2 / (n_b - 1))
        q = stats.t.ppf(0.975, df)
        k = (n_a + n_b) * rho2 + 1
        b = np.sqrt(2 * k / (k - 1) * np.log(np.sqrt(k) / 0.05))
        sets = []
        for reach in (q, b):
            a, h, c = m_a**2 - reach**2 * v_a, m_a * m_b, m_b**2 - reach**2 * v_b
            root = np.sqrt(h * h - a * c)
            sets += [(h - root) / a - 1, (h + root) / a - 1]
        t = (m_b - m_a) / error
        loss = error * (stats.norm.pdf(t) - t * stats.norm.sf(t))
        results.append((test.pvalue, q * error, b * error, sets, stats.norm.cdf(t), loss))
    return results


def cpu_seconds(work: Callable[[Numbers], object], numbers: Numbers, runs: int) -> float:
    work(numbers)
    times = []
    for _ in range(runs):
        start = time.process_time()
        work(numbers)
        times.append(time.process_time() - start)
    return min(times)


def main(runs: int = RUNS) -> None:
    numbers = summaries()
    few = tuple(column[:LOOPED] for column in numbers)
    ours = cpu_seconds(engine, numbers, runs)
    floor = cpu_seconds(bare, numbers, runs)
    loop = cpu_seconds(looped, few, min(runs, 2)) * COMPARISONS / LOOPED
    print(f"{COMPARISONS:,} comparisons: Welch, Fieller, posterior, losses, always-valid interval")
    print(f"{'':34}{'CPU s':>9}{'per second':>14}{'against ours':>14}")
    for name, seconds in (
        ("ab_assets.stats", ours),
        ("bare numpy (no checks, no reasons)", floor),
        (f"scipy in a loop ({LOOPED:,}, scaled)", loop),
    ):
        print(f"{name:34}{seconds:9.3f}{COMPARISONS / seconds:14,.0f}{seconds / ours:13.2f}x")


if __name__ == "__main__":
    main()
