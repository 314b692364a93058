"""The largest difference between each statistic and an independent implementation of it.

What belongs here: random inputs through our functions and through scipy, statsmodels, numpy on
rows or an exact sum, and the largest relative difference as a table (copied into
docs/statistics.md). What does not: pass or fail (the tests decide that), rates
(``statistics_simulation``).

    python bench/statistics_accuracy.py
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import statsmodels.api as sm
from scipy import stats
from scipy.special import betaln, stdtr, stdtrit
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower, TTestIndPower, normal_power_het
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from ab_assets.stats import student_t
from ab_assets.stats.beta_binomial import beta_posterior
from ab_assets.stats.comparison import compare
from ab_assets.stats.conditional_effects import conditional_effect
from ab_assets.stats.contingency import chi_square, g_test
from ab_assets.stats.contrast import student, z_test
from ab_assets.stats.cuped import cuped_mean_contrast
from ab_assets.stats.difference import difference_test
from ab_assets.stats.fisher_exact import fisher_exact
from ab_assets.stats.group_sequential import classical_design, spending_design
from ab_assets.stats.interaction import interaction
from ab_assets.stats.mean import mean_arm, mean_contrast
from ab_assets.stats.meta_analysis import dersimonian_laird, inverse_variance
from ab_assets.stats.moments import Moments
from ab_assets.stats.multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    holm,
)
from ab_assets.stats.newcombe import newcombe_interval, wilson
from ab_assets.stats.non_inferiority import equivalence
from ab_assets.stats.planned_size import (
    PlannedArms,
    detectable,
    drift_of_effect,
    units_for_effect,
)
from ab_assets.stats.power import mean_design, power
from ab_assets.stats.proportion import proportion_arm
from ab_assets.stats.ranks import mann_whitney
from ab_assets.stats.ratio import ratio_arm
from ab_assets.stats.regression import lin_contrast
from ab_assets.stats.sample_ratio import sample_ratio
from ab_assets.stats.sample_ratio_sequential import sequential_sample_ratio
from ab_assets.stats.sequential_power import (
    drift_needed,
    power_at_drift,
    single_look,
    size_inflation,
)
from ab_assets.stats.small_sample_power import t_power, t_units
from ab_assets.stats.uplift import log_ratio
from ab_assets.stats.uplift_curve import uplift_curve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike

RNG = np.random.default_rng(20)
Pair = tuple["ArrayLike", "ArrayLike"]


def largest(pairs: Iterator[Pair]) -> float:
    """The largest relative difference of (ours, reference); 0 against 0 is none.

    Where a number may be 0 or tiny, the pairs are shifted by a constant, which makes it absolute.
    """
    worst = 0.0
    for ours, reference in pairs:
        a, b = np.asarray(ours, float), np.asarray(reference, float)
        worst = max(worst, float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-300))))
    return worst


def row_pairs(count: int = 200) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for _ in range(count):
        n_a, n_b = RNG.integers(3, 80, 2)
        yield RNG.gamma(2.0, 3.0, (n_a, 1)), RNG.gamma(2.0, 3.5, (n_b, 1))


def welch_pairs() -> Iterator[Pair]:
    for control, treatment in row_pairs():
        ours = compare(mean_contrast(Moments.of(control), Moments.of(treatment))).difference
        reference = stats.ttest_ind(treatment[:, 0], control[:, 0], equal_var=False)
        low, high = reference.confidence_interval()
        yield [ours.p_value, ours.df], [reference.pvalue, reference.df]
        yield np.array([ours.interval.low, ours.interval.high]) + 100, np.array([low, high]) + 100


def student_pairs() -> Iterator[Pair]:
    for control, treatment in row_pairs():
        ours = student(mean_arm(Moments.of(control)), mean_arm(Moments.of(treatment)))
        yield difference_test(ours).p_value, stats.ttest_ind(treatment[:, 0], control[:, 0]).pvalue


def tails() -> Iterator[Pair]:
    t, df = -RNG.uniform(0, 36, 200_000), 10 ** RNG.uniform(0, 8, 200_000)
    yield student_t.lower_tail(t, df), stdtr(df, t)


def quantiles() -> Iterator[Pair]:
    p, df = 10 ** RNG.uniform(-8, -0.4, 20_000), 10 ** RNG.uniform(0, 7, 20_000)
    yield student_t.quantile(p, df), stdtrit(df, p)


def ratios() -> Iterator[Pair]:
    for _ in range(100):
        rows = RNG.gamma(3.0, 1.0, (300, 2))
        m, d = rows.mean(axis=0)
        linear = rows[:, 0] / d - m / d**2 * rows[:, 1]
        yield ratio_arm(Moments.of(rows)).variance, np.var(linear, ddof=1) / 300


def cuped() -> Iterator[Pair]:
    for _ in range(100):
        rows = [RNG.normal(size=(n, 2)) @ [[1.0, 0.4], [0.0, 1.0]] for n in (50, 90)]
        adjusted = cuped_mean_contrast(*(Moments.of(arm) for arm in rows))
        theta = float(adjusted.theta)
        residuals = [arm[:, 0] - theta * arm[:, 1] for arm in rows]
        reference = stats.ttest_ind(residuals[1], residuals[0], equal_var=False)
        yield difference_test(adjusted.contrast).p_value, reference.pvalue


def regression() -> Iterator[Pair]:
    for _ in range(50):
        rows = RNG.normal(size=(160, 4)) + 0.3
        treated = np.repeat([0.0, 1.0], [60, 100])
        centred = rows[:, 1:] - rows[:, 1:].mean(axis=0)
        x = np.column_stack([np.ones(160), treated, centred, centred * treated[:, None]])
        ours = lin_contrast(Moments.of(rows[:60]), Moments.of(rows[60:])).contrast
        yield ours.difference + 1, sm.OLS(rows[:, 0], x).fit().params[1] + 1


def fisher() -> Iterator[Pair]:
    for _ in range(1000):
        n_a, n_b = RNG.integers(1, 200, 2)
        a, b = RNG.integers(0, n_a + 1), RNG.integers(0, n_b + 1)
        table = [[a, n_a - a], [b, n_b - b]]
        yield fisher_exact(a, n_a, b, n_b), stats.fisher_exact(table).pvalue


def newcombe() -> Iterator[Pair]:
    for _ in range(300):
        n_a, n_b = RNG.integers(5, 300, 2)
        a, b = RNG.integers(0, n_a + 1), RNG.integers(0, n_b + 1)
        ours = newcombe_interval(a, n_a, b, n_b)
        reference = confint_proportions_2indep(b, n_b, a, n_a, compare="diff", method="newcomb")
        yield np.array([ours.low, ours.high]) + 2, np.array(reference) + 2
        score = stats.binomtest(int(a), int(n_a)).proportion_ci(method="wilson")
        yield np.array(wilson(a, n_a)) + 1, np.array([score.low, score.high]) + 1


def categories(ours: Callable, kind: str) -> Iterator[Pair]:
    for _ in range(200):
        table = RNG.integers(1, 80, (3, 4))
        yield (
            ours(table).p_value,
            stats.chi2_contingency(table, correction=False, lambda_=kind).pvalue,
        )


def ranks() -> Iterator[Pair]:
    for _ in range(200):
        counts = RNG.integers(0, 9, (2, 15))
        a, b = (np.repeat(np.arange(15), arm) for arm in counts)
        yield mann_whitney(*counts).p_value, stats.mannwhitneyu(b, a, method="asymptotic").pvalue


def chances() -> Iterator[Pair]:
    for _ in range(100):
        n = RNG.integers(5, 400, 2)
        x = RNG.integers(0, n + 1)
        a_1, b_1, a_2, b_2 = x[0] + 1, n[0] - x[0] + 1, x[1] + 1, n[1] - x[1] + 1
        exact = math.fsum(
            math.exp(
                betaln(a_1 + i, b_1 + b_2)
                - math.log(b_2 + i)
                - betaln(1 + i, b_2)
                - betaln(a_1, b_1)
            )
            for i in range(a_2)
        )
        yield beta_posterior(x[0], n[0], x[1], n[1]).chance_to_win + 1, exact + 1


def adjustments() -> Iterator[Pair]:
    methods = {
        "bonferroni": bonferroni,
        "holm": holm,
        "fdr_bh": benjamini_hochberg,
        "fdr_by": benjamini_yekutieli,
    }
    for name, method in methods.items():
        for size in (1, 3, 20):
            p = RNG.random(size) ** 3
            yield method(p), multipletests(p, method=name)[1]


def ratio_tests() -> Iterator[Pair]:
    for _ in range(200):
        units = RNG.multinomial(2000, [0.3, 0.3, 0.4])
        reference = stats.chisquare(units, 2000 * np.array([0.3, 0.3, 0.4]))
        yield sample_ratio(units, [3, 3, 4]).p_value, reference.pvalue


def sequential_ratio_tests() -> Iterator[Pair]:
    theta = np.array([0.3, 0.3, 0.4])
    for _ in range(200):
        units = RNG.multinomial(1500, theta)
        reference = stats.dirichlet_multinomial.logpmf(units, 100 * theta, 1500)
        reference -= stats.multinomial.logpmf(units, 1500, theta)
        yield sequential_sample_ratio(units, theta, (100.0,)).log_e_value + 10, reference + 10


def pooled() -> Iterator[Pair]:
    for _ in range(100):
        effects, variances = RNG.normal(0.3, 0.8, 8), RNG.uniform(0.01, 0.2, 8)
        reference = combine_effects(effects, variances, method_re="dl")
        yield inverse_variance(effects, variances).standard_error, reference.sd_eff_w_fe
        if reference.tau2 > 0:  # The reference lets the variance between studies go below 0.
            yield dersimonian_laird(effects, variances).standard_error, reference.sd_eff_w_re


def equivalences() -> Iterator[Pair]:
    for _ in range(100):
        rows = RNG.normal(10, 2, (2, 60))
        ours = equivalence(mean_contrast(*(Moments.of(arm[:, None]) for arm in rows)), -0.9, 0.8)
        means = CompareMeans(DescrStatsW(rows[1]), DescrStatsW(rows[0]))
        yield ours.p_value, means.ttost_ind(-0.9, 0.8, usevar="unequal")[0]


def powers() -> Iterator[Pair]:
    for n in (50, 1000, 40_000):
        for effect in (0.01, 0.1, 0.5):
            reference = NormalIndPower().power(effect, nobs1=n, alpha=0.05, ratio=2.0)
            design = mean_design(0.0, 1.0, treatment_share=2 / 3)
            yield power(design, effect, 3 * n), reference


def planned() -> Iterator[Pair]:
    """Units of both arms and detectable effect of means; power of proportions, unpooled."""
    solver = NormalIndPower()
    for share in (0.5, 0.1, 2 / 3):
        ratio = share / (1 - share)
        for alpha in (0.05, 0.01):
            for target in (0.5, 0.8, 0.9):
                drift = drift_needed(single_look(alpha), target)
                arms = PlannedArms(0.0, 1.0, treatment_share=share)
                control = solver.solve_power(0.05, None, alpha, target, ratio)
                yield units_for_effect(arms, 0.05, drift) * (1 - share), control
                effect = float(detectable(arms, 5000 / (1 - share), drift))
                yield solver.power(effect, 5000, alpha, ratio), target
            for rate in (0.01, 0.3, 0.9):
                after = rate + 0.02
                spread = np.sqrt(rate * (1 - rate) + after * (1 - after) / ratio)
                arms = PlannedArms(rate, is_rate=True, treatment_share=share)
                ours = power_at_drift(
                    single_look(alpha), float(drift_of_effect(arms, 0.02, 3000 / (1 - share)))
                )
                yield ours, normal_power_het(0.02, 3000, alpha, spread, spread)


def small_samples() -> Iterator[Pair]:
    solver = TTestIndPower()
    for share in (0.5, 0.2):
        ratio = share / (1 - share)
        for alpha in (0.05, 0.01):
            for size in (0.2, 0.5, 1.2):
                for n in (4, 20, 45):
                    yield (
                        t_power(size, n / (1 - share), share, alpha),
                        solver.power(size, n, alpha, ratio=ratio),
                    )
                control = solver.solve_power(size, None, alpha, 0.8, ratio)
                yield t_units(size, 0.8, share, alpha) * (1 - share), control


def inflations() -> Iterator[Pair]:
    for looks, published in ((2, 1.110), (3, 1.166), (4, 1.202), (5, 1.229)):
        yield size_inflation(classical_design(looks, shape="pocock"), 0.8), published
    for looks, published in ((2, 1.008), (3, 1.017), (4, 1.024), (5, 1.028)):
        yield size_inflation(classical_design(looks), 0.8), published


def predictions() -> Iterator[Pair]:
    for _ in range(50):
        rows, point = RNG.normal(size=(2, 80, 3)), RNG.normal(size=(1, 2))
        errors = []
        for arm in rows:
            fit = sm.OLS(arm[:, 0], sm.add_constant(arm[:, 1:])).fit()
            errors.append(fit.get_prediction(sm.add_constant(point, has_constant="add")).se_mean)
        ours = conditional_effect(Moments.of(rows[0]), Moments.of(rows[1]), point)
        yield ours.standard_error, np.hypot(*errors)


def log_ratios() -> Iterator[Pair]:
    for _ in range(100):
        a, b = RNG.integers(10, 90, 2)
        arms = (proportion_arm(x, 100, ddof=0) for x in (a, b))
        ours = log_ratio(z_test(*arms), 1.959963984540054).interval
        reference = confint_proportions_2indep(b, 100, a, 100, compare="ratio", method="log")
        yield [ours.low + 1, ours.high + 1], reference


def superiority() -> Iterator[Pair]:
    for _ in range(100):
        a, b = RNG.integers(0, 20, 60), RNG.integers(2, 22, 50)
        ours = mann_whitney(*(np.bincount(arm, minlength=22) for arm in (a, b)))
        error = (ours.interval.high - ours.interval.low) / 2 / 1.959963984540054
        reference = stats.brunnermunzel(a, b, distribution="normal").statistic
        yield (ours.superiority - 0.5) / error + 5, reference + 5


def interactions() -> Iterator[Pair]:
    for _ in range(30):
        first, second = RNG.integers(0, 2, (2, 300))
        y = 1 + first + second + RNG.normal(size=300)
        cells = [
            mean_arm(Moments.of(y[(first == i) & (second == j)][:, None]))
            for j in (0, 1)
            for i in (0, 1)
        ]
        x = sm.add_constant(np.column_stack([first, second, first * second]))
        fit = sm.OLS(y, x).fit(cov_type="HC2")
        ours = interaction(*cells)
        yield [ours.difference + 5, np.sqrt(ours.variance)], [fit.params[3] + 5, fit.bse[3]]


def curves() -> Iterator[Pair]:
    for _ in range(30):
        treated, y = RNG.integers(0, 2, 200), RNG.integers(0, 2, 200).astype(float)
        n_t, n_c = np.cumsum(treated), np.cumsum(1 - treated)
        y_t, y_c = np.cumsum(y * treated), np.cumsum(y * (1 - treated))
        qini = y_t - np.where(n_c > 0, y_c * n_t / np.maximum(n_c, 1), 0.0)
        area = np.trapezoid(np.append(0.0, qini), np.arange(201) / 200) - qini[-1] / 2
        arms = (
            Moments.from_sums(member, (y * member)[:, None], (y * member)[:, None])
            for member in (1 - treated, treated)
        )
        yield uplift_curve(*arms).qini_area + 10, area + 10


def boundaries() -> Iterator[Pair]:
    published = [4.8769, 3.3570, 2.6803, 2.2898, 2.0310]
    yield spending_design([0.2, 0.4, 0.6, 0.8, 1.0]).efficacy.round(4), published
    yield classical_design(5).efficacy[-1].round(4), 2.0401
    yield classical_design(5, shape="pocock").efficacy[-1].round(4), 2.4132


METHODS: dict[str, tuple[str, Callable[[], Iterator[Pair]]]] = {
    "Welch t: p, df, interval": ("scipy.stats.ttest_ind on rows", welch_pairs),
    "Student t: p": ("scipy.stats.ttest_ind on rows", student_pairs),
    "t tail, df 1..1e8, t to 36": ("scipy.special.stdtr", tails),
    "t quantile, p 1e-8..0.4": ("scipy.special.stdtrit", quantiles),
    "ratio: variance": ("numpy on linearised rows", ratios),
    "CUPED: p": ("scipy.stats.ttest_ind on residual rows", cuped),
    "Lin regression: effect": ("statsmodels OLS, interacted, on rows", regression),
    "Fisher exact: p": ("scipy.stats.fisher_exact", fisher),
    "Newcombe, Wilson: ends": ("statsmodels, scipy.stats.binomtest", newcombe),
    "chi-square, k arms: p": (
        "scipy.stats.chi2_contingency",
        lambda: categories(chi_square, "pearson"),
    ),
    "G, k arms: p": ("scipy.stats.chi2_contingency", lambda: categories(g_test, "log-likelihood")),
    "Mann-Whitney: p": ("scipy.stats.mannwhitneyu on rows", ranks),
    "beta-binomial: chance to win": ("Miller's finite sum", chances),
    "Bonferroni, Holm, BH, BY": ("statsmodels multipletests", adjustments),
    "sample ratio: p": ("scipy.stats.chisquare", ratio_tests),
    "sequential sample ratio: log e": ("scipy.stats.dirichlet_multinomial", sequential_ratio_tests),
    "meta-analysis: standard errors": ("statsmodels combine_effects", pooled),
    "equivalence: p": ("statsmodels ttost_ind", equivalences),
    "power": ("statsmodels NormalIndPower", powers),
    "planned units, effect, power": ("statsmodels NormalIndPower, unpooled z", planned),
    "the same by noncentral t": ("statsmodels TTestIndPower", small_samples),
    "inflation by looks": ("Jennison & Turnbull, 3 decimals", inflations),
    "conditional effect: error": ("statsmodels OLS per arm on rows", predictions),
    "log ratio: ends": ("statsmodels confint_proportions_2indep", log_ratios),
    "superiority: standardised": ("scipy.stats.brunnermunzel", superiority),
    "interaction: estimate, error": ("statsmodels OLS, HC2", interactions),
    "Qini: area": ("the definition, unit by unit", curves),
    "group-sequential boundaries": ("published tables, 4 digits", boundaries),
}


def main() -> None:
    print(f"| {'statistic':34} | {'reference':40} | largest relative difference |")
    print(f"|{'-' * 36}|{'-' * 42}|{'-' * 29}|")
    for name, (reference, pairs) in METHODS.items():
        print(f"| {name:34} | {reference:40} | {largest(pairs()):27.1e} |")


if __name__ == "__main__":
    main()
