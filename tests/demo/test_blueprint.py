from ab_assets.demo.blueprint import PhasePlan
from ab_assets.demo.days import MEASURES
from ab_assets.demo.experiments import EXPERIMENTS


def _phase(end_day: int | None) -> PhasePlan:
    return PhasePlan("Main", 3, end_day, "seed", (0.5, 0.5), ({}, {}))


def test_a_phase_covers_its_first_day_and_not_its_end() -> None:
    assert [day for day in range(10) if _phase(5).covers(day)] == [3, 4]


def test_an_open_phase_covers_every_later_day() -> None:
    assert _phase(None).covers(10_000)


def test_every_arm_has_a_weight_and_effects_in_every_phase() -> None:
    for plan in EXPERIMENTS:
        for phase in plan.phases:
            assert len(phase.weights) == len(phase.effects) == len(plan.arms)


def test_the_control_changes_nothing() -> None:
    assert all(phase.effects[0] == {} for plan in EXPERIMENTS for phase in plan.phases)


def test_only_known_measures_are_changed() -> None:
    planted = {
        measure
        for plan in EXPERIMENTS
        for phase in plan.phases
        for effects in phase.effects
        for measure in effects
    }
    assert planted <= set(MEASURES)


def test_at_least_one_tag_has_two_experiments_and_one_experiment_two_tags() -> None:
    tags = [tag for plan in EXPERIMENTS for tag in plan.tags if not plan.archived]
    assert tags.count("ads") == 2
    assert any(len(plan.tags) == 2 for plan in EXPERIMENTS)


def test_one_experiment_has_three_arms() -> None:
    assert [len(plan.arms) for plan in EXPERIMENTS].count(3) == 1
