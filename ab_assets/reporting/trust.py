"""What a day's findings mean for the report.

What belongs here: per experiment the first reason for distrust, and the sample-ratio p-values its
rows carry. What does not: the checks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ab_assets.errors import AbAssetsError
from ab_assets.health.finding import Check, Finding, Status

TRUSTED = "ok"


class StructuralFailureError(AbAssetsError):
    """The tables of a partition are wrong: nothing may be reported from them."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Which experiments' results may be believed, by experiment id.

    Attributes:
        distrust: For those that are not trusted, the first reason.
        sample_ratio_p_values: Chi-square of this look.
        sequential_sample_ratio_p_values: Valid under daily looks.
    """

    distrust: Mapping[str, str] = field(default_factory=dict, hash=False)
    sample_ratio_p_values: Mapping[str, float] = field(default_factory=dict, hash=False)
    sequential_sample_ratio_p_values: Mapping[str, float] = field(default_factory=dict, hash=False)


def trust_of(findings: Iterable[Finding]) -> Trust:
    """Reads the findings; failures come before warnings.

    Raises:
        StructuralFailureError: A check found the tables themselves wrong.
    """
    reasons: dict[str, str] = {}
    chi_square: dict[str, float] = {}
    sequential: dict[str, float] = {}
    for finding in sorted(findings, key=lambda item: item.status is not Status.FAIL):
        if finding.check.is_structural and finding.status is Status.FAIL:
            message = f"{finding.check}: {finding.message}"
            raise StructuralFailureError(message)
        if finding.distrust:
            reasons.setdefault(finding.experiment_id, finding.distrust)
        if finding.check is Check.SAMPLE_RATIO:
            _keep(chi_square, finding, finding.p_value)
            _keep(sequential, finding, finding.detail.get("sequential_p_value"))
    return Trust(reasons, chi_square, sequential)


def _keep(values: dict[str, float], finding: Finding, value: object) -> None:
    if isinstance(value, int | float):
        values[finding.experiment_id] = float(value)
