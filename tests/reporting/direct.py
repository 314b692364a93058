"""A report row from unit rows, by scipy, statsmodels and numpy alone.

Nothing here imports ab_assets: formulas are written out again, where possible in another form.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil, exp, pi, sqrt

import numpy as np
from scipy import integrate, optimize, special, stats
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW


@dataclass(frozen=True)
class Spec:
    """A metric, as the tests know it."""

    kind: str  # mean, share or ratio
    columns: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    threshold: float | None = None  # at least; None: above 0 for shares
    covariate_days: int = 0
    percentile: float | None = None
    absolute: float | None = None
    ignore_zeros: bool = False
    day: int | None = None
    window_hours: int | None = None
    direction: str = "up"


@dataclass(frozen=True)
class Choices:
    """The engine's options."""

    alpha: float = 0.05
    power: float = 0.8
    minimum_effect: float = 0.05
    planned: float = 5000.0
    prior_mean: float = 0.0
    prior_deviation: float | None = None
    prior_scale: str = "relative"
    corrected: bool = True  # by Holm


@dataclass(frozen=True)
class Estimates:
    """Two estimates with their joint variance, the form every kind ends in."""

    control: float
    treatment: float
    control_variance: float
    treatment_variance: float
    covariance: float
    difference: float
    error: float
    df: float
    statistic: float
    p_value: float


Units = Mapping[str, np.ndarray]


def kept(units: Units, spec: Spec, event_date: date) -> np.ndarray:
    """Which units a metric counts."""
    if spec.day is not None:
        waited = np.array([(event_date - day).days for day in units["exposed_on"].tolist()])
        return waited >= spec.day
    if spec.window_hours is not None:
        end = datetime.combine(event_date, time.min) + timedelta(days=1)
        closed = [
            moment + timedelta(hours=spec.window_hours) < end
            for moment in units["first_exposed_at"].tolist()
        ]
        return np.array(closed)
    return np.ones(len(units["user_id"]), bool)


def cap_of(units: Units, spec: Spec, column: str, counted: np.ndarray) -> float | None:
    """From the units of all variations; crossovers were left out before."""
    if spec.absolute is not None:
        return spec.absolute
    if spec.percentile is None:
        return None
    values = np.nan_to_num(units[column].astype(float))[counted]
    if spec.ignore_zeros:
        values = values[values != 0]
    return float(np.quantile(values, spec.percentile)) or None


def values_of(units: Units, spec: Spec, event_date: date) -> tuple[np.ndarray, float | None]:
    """One row a unit: outcomes, then covariates, NaN rows where a unit does not count; the cap."""
    counted = kept(units, spec, event_date)
    caps = [cap_of(units, spec, column, counted) for column in spec.columns]
    parts = []
    for place, column in enumerate((*spec.columns, *spec.covariates)):
        raw = np.nan_to_num(units[column].astype(float))
        if spec.kind == "share":
            raw = (raw >= spec.threshold if spec.threshold is not None else raw > 0).astype(float)
        cap = caps[place % len(spec.columns)]
        parts.append(np.minimum(raw, cap) if cap is not None else raw)
    values = np.stack(parts, axis=1)
    values[~counted] = np.nan
    return values, caps[0]


def as_units(values: np.ndarray, spec: Spec) -> tuple[np.ndarray, np.ndarray | None]:
    """Outcome and covariate of each counted unit; a ratio by its linearised units."""
    if spec.kind != "ratio":
        return values[:, 0], values[:, 1] if spec.covariates else None

    def linear(y: np.ndarray, x: np.ndarray) -> np.ndarray:
        ratio = y.sum() / x.sum()
        return ratio + (y - ratio * x) / x.mean()

    covariate = linear(values[:, 2], values[:, 3]) if spec.covariates else None
    return linear(values[:, 0], values[:, 1]), covariate


def plain(a: np.ndarray, b: np.ndarray) -> Estimates:
    test = stats.ttest_ind(b, a, equal_var=False)
    variances = [arm.var(ddof=1) / len(arm) for arm in (a, b)]
    return Estimates(
        a.mean(),
        b.mean(),
        *variances,
        0.0,
        b.mean() - a.mean(),
        sqrt(sum(variances)),
        float(test.df),
        float(test.statistic),
        float(test.pvalue),
    )


def theta_of(a: np.ndarray, x_a: np.ndarray, b: np.ndarray, x_b: np.ndarray) -> float:
    cross = sum(np.cov(y, x)[0, 1] / len(y) for y, x in ((a, x_a), (b, x_b)))
    return cross / sum(x.var(ddof=1) / len(x) for x in (x_a, x_b))


def adjusted(
    a: np.ndarray, x_a: np.ndarray, b: np.ndarray, x_b: np.ndarray
) -> tuple[Estimates, float, float]:
    """CUPED: the estimates, θ and the share of variance saved."""
    theta = theta_of(a, x_a, b, x_b)
    residual = plain(a - theta * x_a, b - theta * x_b)
    other_a, other_b = len(b) / (len(a) + len(b)), len(a) / (len(a) + len(b))
    # Each arm's adjusted mean as a mean over control units plus a mean over treatment units.
    parts = {
        "control": (a - theta * other_a * x_a, theta * other_a * x_b),
        "treatment": (theta * other_b * x_a, b - theta * other_b * x_b),
    }
    means = {name: sum(part.mean() for part in pair) for name, pair in parts.items()}
    joint = sum(
        np.cov(parts["control"][arm], parts["treatment"][arm]) / len(parts["control"][arm])
        for arm in (0, 1)
    )
    estimates = Estimates(
        means["control"],
        means["treatment"],
        joint[0, 0],
        joint[1, 1],
        joint[0, 1],
        residual.difference,
        residual.error,
        residual.df,
        residual.statistic,
        residual.p_value,
    )
    return estimates, theta, 1 - residual.error**2 / plain(a, b).error ** 2


def fieller(found: Estimates, critical: float) -> tuple[float | None, float | None]:
    """Limits of treatment/control − 1 from the roots in the ratio; none where unbounded."""
    q2 = critical**2
    quadratic = [
        found.control**2 - q2 * found.control_variance,
        -2 * (found.control * found.treatment - q2 * found.covariance),
        found.treatment**2 - q2 * found.treatment_variance,
    ]
    if quadratic[0] <= 0:
        return None, None
    roots = np.sort(np.roots(quadratic).real)
    return float(roots[0] - 1), float(roots[1] - 1)


def sequential(found: Estimates, units: float, choices: Choices) -> dict[str, float]:
    """The confidence sequence, tuned by search and its p-value by inversion."""

    def radius(log_rho2: float, at: float, alpha: float) -> float:
        k = at * np.exp(log_rho2) + 1
        return sqrt(2 * k / (at * np.exp(log_rho2)) * np.log(sqrt(k) / alpha))

    best = optimize.minimize_scalar(
        radius,
        bracket=(-12, -6),
        args=(choices.planned, choices.alpha),
        options={"xtol": 1e-12},
    ).x
    reach = radius(best, units, choices.alpha) * found.error
    z = abs(found.difference / found.error)

    def gap(log_alpha: float) -> float:
        return radius(best, units, np.exp(log_alpha)) - z

    p_value = 1.0 if gap(0.0) >= 0 else float(np.exp(optimize.brentq(gap, -700, 0.0, xtol=1e-13)))
    return {
        "seq_ci_low": found.difference - reach,
        "seq_ci_high": found.difference + reach,
        "seq_p_value": p_value,
    }


def posterior(found: Estimates, spec: Spec, choices: Choices) -> dict[str, float]:
    """Normal posterior; the expected loss by quadrature."""
    mean, deviation = found.difference, found.error
    if choices.prior_deviation is not None:
        unit = abs(found.control) if choices.prior_scale == "relative" else 1.0
        precisions = np.array([1 / (choices.prior_deviation * unit) ** 2, 1 / found.error**2])
        mean = float(np.average([choices.prior_mean * unit, mean], weights=precisions))
        deviation = precisions.sum() ** -0.5
    reach = stats.norm.isf(choices.alpha / 2) * deviation
    sign = 1 if spec.direction == "up" else -1

    def lost(effect: float) -> float:
        z = (effect - sign * mean) / deviation
        return -effect * exp(-0.5 * z * z) / (deviation * sqrt(2 * pi))

    low = min(sign * mean - 12 * deviation, -12 * deviation)
    loss = integrate.quad(lost, low, 0, epsabs=0, epsrel=1e-11, limit=200)[0]
    return {
        "posterior_mean": mean,
        "posterior_ci_low": mean - reach,
        "posterior_ci_high": mean + reach,
        "chance_to_win": 1 - stats.norm.cdf(0, sign * mean, deviation),
        "expected_loss": loss,
    }


@dataclass(frozen=True)
class Beta:
    """A beta distribution by scipy's special functions: ``scipy.stats`` is slow point by point."""

    a: float
    b: float

    def mean(self) -> float:
        return self.a / (self.a + self.b)

    def std(self) -> float:
        total = self.a + self.b
        return sqrt(self.a * self.b / (total + 1)) / total

    def pdf(self, p: float) -> float:
        log = special.xlogy(self.a - 1, p) + special.xlog1py(self.b - 1, -p)
        return exp(log - special.betaln(self.a, self.b))

    def cdf(self, p: float) -> float:
        return float(special.betainc(self.a, self.b, min(max(p, 0.0), 1.0)))

    def sf(self, p: float) -> float:
        return float(special.betaincc(self.a, self.b, min(max(p, 0.0), 1.0)))


def share_posterior(a: np.ndarray, b: np.ndarray, spec: Spec, choices: Choices) -> dict[str, float]:
    """Two beta posteriors from uniform priors, by adaptive quadrature and bisection."""
    first, second = (Beta(float(x.sum()) + 1, float(len(x) - x.sum()) + 1) for x in (a, b))
    if spec.direction != "up":
        first, second = second, first  # the better arm is the lower one

    def over(one: Beta, of: Callable[[float], float]) -> float:
        ends = np.clip(one.mean() + np.array([-14, 0, 14]) * one.std(), 0, 1)
        options = {"epsabs": 0, "epsrel": 1e-12, "limit": 400, "points": ends[1:2]}
        return float(integrate.quad(lambda p: one.pdf(p) * of(p), ends[0], ends[2], **options)[0])

    def expected_shortfall(p: float) -> float:
        # E max(first − p, 0) of a beta variable, in closed form.
        return first.mean() * Beta(first.a + 1, first.b).sf(p) - p * first.sf(p)

    low, high = (
        optimize.brentq(
            lambda d, chance=chance: over(first, lambda p: second.cdf(p + d)) - chance,
            -1.0,
            1.0,
            xtol=1e-14,
        )
        for chance in (choices.alpha / 2, 1 - choices.alpha / 2)
    )
    sign = 1 if spec.direction == "up" else -1
    ends = sorted((sign * low, sign * high))
    return {
        "posterior_mean": sign * (second.mean() - first.mean()),
        "posterior_ci_low": ends[0],
        "posterior_ci_high": ends[1],
        "chance_to_win": over(second, first.cdf),
        "expected_loss": over(second, expected_shortfall),
    }


def planning(  # noqa: PLR0917
    found: Estimates, units: float, choices: Choices, effect: float, days: float, family: int
) -> dict[str, float]:
    """Power by statsmodels, for one mean of size ``units`` with the same standard error.

    The error rate is what Holm leaves to the first of the family.
    """
    alpha = choices.alpha / family
    solver, spread = NormalIndPower(ddof=0), found.error * sqrt(units)
    size = effect * abs(found.control) / spread
    options = {"alpha": alpha, "ratio": 0, "alternative": "two-sided"}
    needed = solver.solve_power(effect_size=size, power=choices.power, **options)
    # statsmodels' own search for it stops at five digits.
    detectable = optimize.brentq(
        lambda tried: solver.power(tried, units, alpha, ratio=0) - choices.power,
        0.0,
        10.0,
        xtol=1e-14,
    )
    return {
        "power": float(solver.power(size, units, alpha, ratio=0)),
        "mde": float(detectable) * spread / abs(found.control),
        "users_needed": ceil(needed),
        "days_needed": ceil(ceil(needed) / (units / days) - 1e-9),
    }


def exact(a: np.ndarray, b: np.ndarray, alpha: float) -> dict[str, float | None]:
    """Fisher, Newcombe, and the same idea for the ratio."""
    counts = [int(a.sum()), int(b.sum())]
    sizes = [len(a), len(b)]
    table = [[count, size - count] for count, size in zip(counts, sizes, strict=True)]
    low, high = confint_proportions_2indep(
        counts[1], sizes[1], counts[0], sizes[0], method="newcomb", compare="diff", alpha=alpha
    )
    (l_a, u_a), (l_b, u_b) = (
        proportion_confint(count, size, alpha, method="wilson")
        for count, size in zip(counts, sizes, strict=True)
    )
    p_a, p_b = (count / size for count, size in zip(counts, sizes, strict=True))
    product = p_a * p_b
    lower = product - sqrt(product**2 - l_b * u_a * (2 * p_b - l_b) * (2 * p_a - u_a))
    upper = product + sqrt(product**2 - u_b * l_a * (2 * p_b - u_b) * (2 * p_a - l_a))
    return {
        "p_value": stats.fisher_exact(table).pvalue,
        "abs_ci_low": low,
        "abs_ci_high": high,
        "rel_ci_low": lower / (u_a * (2 * p_a - u_a)) - 1,
        "rel_ci_high": upper / (l_a * (2 * p_a - l_a)) - 1,
        "statistic": None,
        "df": None,
        "method": "fisher-exact",
    }


def is_small(a: np.ndarray, b: np.ndarray) -> bool:
    return min(a.sum(), b.sum(), len(a) - a.sum(), len(b) - b.sum()) < 10


def row(  # noqa: PLR0917
    control: np.ndarray,
    treatment: np.ndarray,
    spec: Spec,
    choices: Choices,
    effect: float,
    days: float | None,
    family: int = 1,
) -> dict[str, object]:
    """Every number of one comparison, from the values of its counted units.

    Without days no planning: statsmodels takes longer for it than for all the rest.
    """
    (a, x_a), (b, x_b) = (as_units(values, spec) for values in (control, treatment))
    bare = plain(a, b)
    found, theta, saved = bare, None, None
    method = "delta-method welch-t" if spec.kind == "ratio" else "welch-t"
    if x_a is not None and x_b is not None:
        found, theta, saved = adjusted(a, x_a, b, x_b)
        method += " after CUPED"
    units = len(a) + len(b)
    critical = stats.t.isf(choices.alpha / 2, found.df)
    low, high = fieller(found, critical)
    ready = min(len(a), len(b)) >= 100
    result: dict[str, object] = {
        "users": len(b),
        "control_users": len(a),
        "mean": bare.treatment,
        "control_mean": bare.control,
        "stddev": b.std(ddof=1),
        "control_stddev": a.std(ddof=1),
        "abs_diff": found.difference,
        "abs_ci_low": found.difference - critical * found.error,
        "abs_ci_high": found.difference + critical * found.error,
        "rel_uplift": found.treatment / found.control - 1,
        "rel_ci_low": low,
        "rel_ci_high": high,
        "statistic": found.statistic,
        "df": found.df,
        "p_value": found.p_value,
        "method": method,
        "cuped": x_a is not None,
        "cuped_theta": theta,
        "variance_reduction": saved,
        **posterior(found, spec, choices),
        **({} if days is None else planning(found, units, choices, effect, days, family)),
        **(sequential(found, units, choices) if ready else dict.fromkeys(SEQUENTIAL)),
    }
    if spec.kind == "share" and x_a is None:
        if choices.prior_deviation is None:
            result |= share_posterior(a, b, spec, choices)
        if is_small(a, b):
            result |= exact(a, b, choices.alpha)
    total = spec.kind != "ratio"
    result |= {
        "incremental_total": len(b) * found.difference if total else None,
        "incremental_ci_low": len(b) * result["abs_ci_low"] if total else None,
        "incremental_ci_high": len(b) * result["abs_ci_high"] if total else None,
    }
    return result


SEQUENTIAL = ("seq_ci_low", "seq_ci_high", "seq_p_value")


def second_opinion(control: np.ndarray, treatment: np.ndarray, spec: Spec) -> dict[str, float]:
    """Welch by statsmodels, for a metric without adjustment: the two libraries must agree."""
    (a, _), (b, _) = (as_units(values, spec) for values in (control, treatment))
    compared = CompareMeans(DescrStatsW(b), DescrStatsW(a))
    statistic, p_value, df = compared.ttest_ind(usevar="unequal")
    low, high = compared.tconfint_diff(0.05, usevar="unequal")
    return {
        "statistic": statistic,
        "p_value": p_value,
        "df": df,
        "abs_ci_low": low,
        "abs_ci_high": high,
    }
