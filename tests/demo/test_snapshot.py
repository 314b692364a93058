import pytest

from ab_assets.demo import Company
from tests.demo import direct

EXPERIMENT_KEYS = {
    "id",
    "trackingKey",
    "name",
    "type",
    "project",
    "hypothesis",
    "description",
    "tags",
    "owner",
    "dateCreated",
    "dateUpdated",
    "archived",
    "status",
    "autoRefresh",
    "hashAttribute",
    "fallbackAttribute",
    "hashVersion",
    "disableStickyBucketing",
    "variations",
    "phases",
    "settings",
}
PHASE_KEYS = {
    "name",
    "dateStarted",
    "dateEnded",
    "reasonForStopping",
    "seed",
    "coverage",
    "trafficSplit",
    "targetingCondition",
    "prerequisites",
    "savedGroupTargeting",
}


def test_the_answer_is_one_whole_page(company: Company) -> None:
    answer = company.growthbook
    total = len(answer["experiments"])
    assert (answer["count"], answer["total"], answer["hasMore"]) == (total, total, False)


def test_every_experiment_has_the_fields_of_the_api(company: Company) -> None:
    for answer in company.growthbook["experiments"]:
        assert set(answer) >= EXPERIMENT_KEYS
        for phase in answer["phases"]:
            assert set(phase) == PHASE_KEYS


def test_ids_are_unique_and_a_variation_id_is_no_key(company: Company) -> None:
    answers = company.growthbook["experiments"]
    variations = [variation for answer in answers for variation in answer["variations"]]
    assert len({answer["id"] for answer in answers}) == len(answers)
    assert len({variation["variationId"] for variation in variations}) == len(variations)
    assert all(variation["variationId"] != variation["key"] for variation in variations)


def test_a_split_names_the_variations_and_sums_to_one(company: Company) -> None:
    for answer in company.growthbook["experiments"]:
        ids = [variation["variationId"] for variation in answer["variations"]]
        for phase in answer["phases"]:
            split = phase["trafficSplit"]
            assert [part["variationId"] for part in split] == ids
            assert sum(part["weight"] for part in split) == pytest.approx(1)


def test_an_open_phase_ends_with_an_empty_text(company: Company) -> None:
    phase = direct.experiment(company, "ads_native_format")["phases"][0]
    assert (phase["dateStarted"], phase["dateEnded"]) == ("2026-01-05T00:00:00.000Z", "")


def test_one_phase_ends_where_the_next_begins_with_another_seed(company: Company) -> None:
    first, second = direct.experiment(company, "retention_daily_streak")["phases"]
    assert first["dateEnded"] == second["dateStarted"] == "2026-01-12T00:00:00.000Z"
    assert first["seed"] != second["seed"]


def test_a_stopped_experiment_has_a_result_and_a_running_one_has_none(company: Company) -> None:
    assert "resultSummary" in direct.experiment(company, "recharge_first_bonus")
    assert "resultSummary" not in direct.experiment(company, "ads_native_format")


@pytest.mark.parametrize(
    ("key", "status", "archived"),
    [
        ("chat_entry_voice", "draft", False),
        ("ads_banner_refresh", "stopped", True),
        ("recharge_first_bonus", "stopped", False),
        ("chat_entry_button", "running", False),
    ],
)
def test_states_are_what_the_story_says(
    company: Company, key: str, status: str, archived: bool
) -> None:
    answer = direct.experiment(company, key)
    assert (answer["status"], answer["archived"]) == (status, archived)


def test_one_goal_carries_an_override(company: Company) -> None:
    goals = direct.experiment(company, "recharge_first_bonus")["settings"]["goals"]
    assert goals == [
        {
            "metricId": "fact__payer_rate_7d",
            "overrides": {"delayHours": 0, "windowHours": 168, "window": "conversion"},
        }
    ]
