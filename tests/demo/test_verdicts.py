"""Verdicts stand beside the planted truth, and differ where they differ."""

import polars as pl
import pytest
from rich.console import Console

from ab_assets.demo.truth import PlantedTruth, Verdict
from ab_assets.demo.verdicts import verdict_table, verdicts


def planted(verdict: Verdict, variation_key: str = "1") -> PlantedTruth:
    return PlantedTruth(
        tag="retention",
        experiment_key="streak",
        metric="retention_d1",
        variation_key=variation_key,
        kind="effect",
        relative_effect=0.1,
        verdict=verdict,
        sentence="The streak brings people back.",
    )


def report(*decisions: tuple[str, str]) -> pl.DataFrame:
    rows = [
        {
            "experiment_key": "streak",
            "dimension": dimension,
            "is_control": False,
            "variation_key": variation_key,
            "decision": decision,
            "decision_reason": "because",
        }
        for variation_key, decision in decisions
        for dimension in ("", "country")
    ]
    return pl.DataFrame(rows)


@pytest.mark.parametrize(
    ("verdict", "decision", "agrees"),
    [
        ("ship", "ship", True),
        ("ship", "extend", False),
        ("rollback", "rollback", True),
        ("none", "extend", True),
        ("none", "stop", True),
        ("none", "ship", False),
        ("untrusted", "none", True),
        ("untrusted", "ship", False),
    ],
)
def test_a_decision_agrees_when_the_fact_deserves_it(
    verdict: Verdict, decision: str, agrees: bool
) -> None:
    (found,) = verdicts([planted(verdict)], {"retention": report(("1", decision))})
    assert (found.found, found.agrees) == (decision, agrees)


def test_a_fact_that_must_be_absent_agrees_only_without_a_report() -> None:
    absent = planted("absent")
    (without,) = verdicts([absent], {})
    (reported,) = verdicts([absent], {"retention": report(("1", "ship"))})
    assert without.agrees
    assert not reported.agrees


def test_a_fact_that_should_be_reported_disagrees_with_no_report() -> None:
    (found,) = verdicts([planted("ship")], {"retention": report(("1", "ship")).clear()})
    assert (found.found, found.agrees) == ("no report", False)


def test_a_fact_about_every_arm_needs_every_arm_to_agree() -> None:
    reports = {"retention": report(("1", "ship"), ("2", "rollback"))}
    (found,) = verdicts([planted("ship", variation_key="")], reports)
    assert (found.found, found.agrees) == ("ship, rollback", False)


def test_the_table_marks_agreement_and_difference() -> None:
    found = verdicts([planted("ship"), planted("rollback")], {"retention": report(("1", "ship"))})
    console = Console(width=160)
    with console.capture() as capture:
        console.print(verdict_table(found))
    text = capture.get()
    assert "✓" in text
    assert "✗" in text
    assert "rollback: The streak brings people back." in text
