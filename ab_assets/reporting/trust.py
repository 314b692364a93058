"""Which experiments' results may be believed.

What belongs here: reading the day's findings and saying, per experiment, the first reason for
distrust. What does not: the checks.
"""

from collections.abc import Iterable, Mapping

from ab_assets.errors import AbAssetsError
from ab_assets.health.finding import Finding, Status

TRUSTED = "ok"


class StructuralFailureError(AbAssetsError):
    """The tables of a partition are wrong: nothing may be reported from them."""


def distrust_by_experiment(findings: Iterable[Finding]) -> Mapping[str, str]:
    """For each experiment that is not trusted, the first reason, failures before warnings.

    Raises:
        StructuralFailureError: A check found the tables themselves wrong.
    """
    reasons: dict[str, str] = {}
    ranked = sorted(findings, key=lambda finding: finding.status is not Status.FAIL)
    for finding in ranked:
        if finding.check.is_structural and finding.status is Status.FAIL:
            message = f"{finding.check}: {finding.message}"
            raise StructuralFailureError(message)
        if finding.distrust:
            reasons.setdefault(finding.experiment_id, finding.distrust)
    return reasons


