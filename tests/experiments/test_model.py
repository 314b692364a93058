import pytest

from ab_assets.experiments import RefusedExperiment
from tests.experiments.builders import an_experiment


def test_the_control_is_the_first_variation() -> None:
    assert an_experiment().control.key == "0"


@pytest.mark.parametrize(
    ("status", "archived", "expected"),
    [
        ("running", False, True),
        ("stopped", False, True),
        ("draft", False, False),
        ("running", True, False),
    ],
)
def test_an_experiment_can_be_in_force_unless_it_is_a_draft_or_archived(
    status: str, *, archived: bool, expected: bool
) -> None:
    assert an_experiment(status=status, archived=archived).can_be_in_force is expected


@pytest.mark.parametrize(
    ("is_draft", "is_archived", "expected"),
    [(False, False, False), (True, False, True), (False, True, True)],
)
def test_the_refusal_of_a_draft_or_an_archived_experiment_is_quiet(
    *, is_draft: bool, is_archived: bool, expected: bool
) -> None:
    refused = RefusedExperiment(
        id="exp_1", name="Gate", reason="", is_draft=is_draft, is_archived=is_archived
    )
    assert refused.is_quiet is expected
