"""One experiment's payload becomes the domain's experiment, or a refusal with its reason."""

import pytest

from ab_assets.experiments import Lookback, Namespace, Variation
from tests.experiments.builders import utc
from tests.growthbook.payloads import (
    a_payload,
    a_phase_payload,
    a_split,
    accepted,
    refused,
    some_settings,
    some_variations,
)


def test_every_field_an_analysis_needs_is_taken_over() -> None:
    experiment = accepted(
        a_payload(
            type="multi-armed-bandit",
            hashAttribute="device_id",
            hashVersion=1,
            settings=some_settings(
                inProgressConversions="exclude",
                attributionModel="experimentDuration",
                regressionAdjustmentEnabled=True,
                sequentialTestingEnabled=True,
                sequentialTestingTuningParameter=800,
                activationMetric={"metricId": "fact__9", "overrides": {}},
            ),
        )
    )
    assert (experiment.id, experiment.key, experiment.name) == ("exp_1", "gate", "Gate")
    assert (experiment.type, experiment.status) == ("multi-armed-bandit", "running")
    assert (experiment.hash_attribute, experiment.hash_version) == ("device_id", 1)
    assert experiment.created_at == utc("2026-09-20T08:00")
    assert experiment.in_progress_conversions == "exclude"
    assert experiment.attribution_model == "experimentDuration"
    assert experiment.stats_engine == "frequentist"
    assert experiment.regression_adjustment_enabled
    assert experiment.sequential_testing_enabled
    assert experiment.sequential_testing_tuning_parameter == 800
    assert experiment.activation_metric == "fact__9"


def test_a_variation_keeps_its_key_apart_from_its_id() -> None:
    assert accepted(a_payload()).variations == (
        Variation(id="var_0", key="0", name="Arm 0"),
        Variation(id="var_1", key="1", name="Arm 1"),
    )


def test_an_experiment_without_optional_fields_gets_growthbooks_defaults() -> None:
    bare = {
        "id": "exp_1",
        "trackingKey": "gate",
        "status": "running",
        "variations": [{"key": "0"}, {"key": "1"}],
        "phases": [
            {
                "dateStarted": "2026-10-01T00:00:00Z",
                "trafficSplit": [{"weight": 0.5}, {"weight": 0.5}],
            }
        ],
    }
    experiment = accepted(bare)
    assert experiment.name == "gate"
    assert experiment.phases[0].weights == (0.5, 0.5)
    assert experiment.phases[0].coverage == 1
    assert experiment.activation_metric is None


def test_null_means_the_same_as_absent_at_every_level() -> None:
    payload = a_payload(
        name=None,
        hashVersion=None,
        phases=[a_phase_payload(dateEnded=None, coverage=None, namespace=None)],
        settings=some_settings(goals=None, activationMetric=None),
    )
    assert accepted(payload).hash_version == 2


def test_unknown_fields_are_accepted_at_every_level() -> None:
    extra = {"fieldOfNextYear": {"a": [1]}}
    payload = a_payload(
        **extra,
        variations=[variation | extra for variation in some_variations("0", "1")],
        phases=[
            a_phase_payload(**extra, trafficSplit=[share | extra for share in a_split(0.5, 0.5)])
        ],
        settings=some_settings(**extra, goals=[{"metricId": "m", "overrides": extra, **extra}]),
    )
    assert accepted(payload).metrics[0].metric_id == "m"


def test_tags_are_stripped_and_counted_once() -> None:
    payload = a_payload(tags=[" retention ", "retention", "", " ", "Retention"])
    assert accepted(payload).tags == ("retention", "Retention")


def test_a_draft_may_be_without_phases() -> None:
    assert accepted(a_payload(status="draft", phases=[])).phases == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-10-01T00:00:00.123456Z", "2026-10-01T00:00:00.123456"),
        ("2026-10-01T02:00:00+02:00", "2026-10-01T00:00"),
        ("2026-10-01T00:00:00", "2026-10-01T00:00"),
        ("2026-10-01", "2026-10-01T00:00"),
    ],
)
def test_a_time_is_read_as_utc_to_the_microsecond(given: str, expected: str) -> None:
    payload = a_payload(phases=[a_phase_payload(dateStarted=given)])
    assert accepted(payload).phases[0].started_at == utc(expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "window", "value": 3}, Lookback(hours=72)),
        ({"type": "window", "value": 30, "valueUnit": "minutes"}, Lookback(hours=0.5)),
        ({"type": "window", "value": 1, "valueUnit": "weeks"}, Lookback(hours=168)),
        (
            {"type": "date", "value": "2026-10-02T00:00:00Z"},
            Lookback(since=utc("2026-10-02T00:00")),
        ),
    ],
)
def test_a_lookback_is_hours_or_a_date(given: object, expected: Lookback) -> None:
    settings = some_settings(attributionModel="lookbackOverride", lookbackOverride=given)
    assert accepted(a_payload(settings=settings)).lookback == expected


@pytest.mark.parametrize(
    "given",
    [
        {"type": "window", "value": -1},
        {"type": "window", "value": "2026-10-02"},
        {"type": "date", "value": 7},
        {"type": "date", "value": "soon"},
        {"type": "other", "value": 7},
    ],
)
def test_a_lookback_that_is_neither_is_refused(given: object) -> None:
    assert (
        "lookbackOverride"
        in refused(a_payload(settings=some_settings(lookbackOverride=given))).reason
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ""}, "id: it is empty"),
        ({"id": None}, "id: Field required"),
        ({"trackingKey": "  "}, "trackingKey: it is empty"),
        ({"trackingKey": "k" * 256}, "trackingKey: it is longer than 255 bytes"),
        ({"trackingKey": "ключ" * 40}, "trackingKey: it is longer than 255 bytes"),
        ({"trackingKey": "a\nb"}, "trackingKey: it holds a control character"),
        ({"trackingKey": "a\x00"}, "trackingKey: it holds a control character"),
        ({"trackingKey": "a\u2028b"}, "trackingKey: it holds a control character"),
        ({"trackingKey": 7}, "trackingKey: Input should be a valid string"),
        ({"status": None}, "status: Field required"),
        ({"phases": []}, "it is 'running' but has no phase"),
        ({"phases": {}}, "phases: Input should be a valid tuple"),
        ({"variations": some_variations("0")}, "it has 1 variations, and a comparison needs two"),
        ({"variations": []}, "it has 0 variations"),
        ({"variations": some_variations("0", "0")}, "several variations have the key '0'"),
        ({"variations": [{"key": ""}, {"key": "1"}]}, "variations[0].key: it is empty"),
        ({"variations": [{"key": "a"}, {"name": "b"}]}, "variations[1].key: Field required"),
        ({"phases": [a_phase_payload(dateStarted="")]}, "phases[0].dateStarted: a date is missing"),
        ({"phases": [a_phase_payload(dateStarted=None)]}, "phases[0].dateStarted: Field required"),
        ({"phases": [a_phase_payload(dateStarted=17)]}, "phases[0].dateStarted: a date is missing"),
        ({"phases": [a_phase_payload(dateStarted="soon")]}, "'soon' is no date"),
        (
            {"phases": [a_phase_payload(dateEnded="later")]},
            "phases[0].dateEnded: 'later' is no date",
        ),
        ({"phases": [a_phase_payload(dateStarted="0001-01-01T00:00:00+14:00")]}, "is no date"),
        ({"phases": [a_phase_payload(dateStarted="1066-10-14")]}, "the year 1066 is not within"),
        ({"phases": [a_phase_payload(coverage=1.01)]}, "its coverage 1.01 is not within 0 to 1"),
        ({"phases": [a_phase_payload(coverage=-0.1)]}, "its coverage -0.1 is not within 0 to 1"),
        ({"phases": [a_phase_payload(coverage=True)]}, "a number is expected, not true or false"),
        ({"settings": some_settings(goals=[{}])}, "settings.goals[0].metricId: Field required"),
    ],
)
def test_nonsense_is_refused_with_the_place_and_the_fact(
    changes: dict[str, object], reason: str
) -> None:
    assert reason in refused(a_payload(**changes)).reason


def test_a_phase_that_ends_before_it_starts_is_refused() -> None:
    phase = a_phase_payload(dateEnded="2026-09-30T23:59:59.999Z")
    assert "phase 0 ('Main'): it ends (2026-09-30" in refused(a_payload(phases=[phase])).reason


def test_a_phase_that_ends_the_moment_it_starts_is_a_phase() -> None:
    phase = a_phase_payload(dateEnded="2026-10-01T00:00:00.000Z")
    assert accepted(a_payload(phases=[phase])).phases[0].ended_at == utc("2026-10-01T00:00")


@pytest.mark.parametrize("date", ["", "soon", 7, None])
def test_a_creation_date_nobody_can_read_is_unknown_and_refuses_nothing(date: object) -> None:
    assert accepted(a_payload(dateCreated=date)).created_at is None


@pytest.mark.parametrize("coverage", [0, 1])
def test_the_borders_of_coverage_are_allowed(coverage: float) -> None:
    payload = a_payload(phases=[a_phase_payload(coverage=coverage)])
    assert accepted(payload).phases[0].coverage == coverage


def test_a_refusal_names_the_experiment_its_id_and_what_to_do() -> None:
    reason = refused(a_payload(variations=[])).reason
    assert reason.startswith("experiment 'Gate' (exp_1) is left out: ")
    assert reason.endswith("; correct it in GrowthBook")


def test_a_refusal_gives_every_reason_and_counts_the_rest() -> None:
    many = a_payload(id="", trackingKey="", status="", variations=None)
    reason = refused(many).reason
    assert "id: it is empty; trackingKey: it is empty; status: it is empty; and 1 more" in reason


def test_several_contradictions_are_all_given() -> None:
    reason = refused(
        a_payload(variations=some_variations("a", "a"), phases=[a_phase_payload(coverage=2)])
    ).reason
    assert "several variations have the key 'a'; phase 0 ('Main'): its coverage 2" in reason


def test_the_refusal_of_a_draft_is_quiet() -> None:
    assert refused(a_payload(status="draft", variations=[])).is_draft


def test_the_refusal_of_an_archived_experiment_is_quiet() -> None:
    assert refused(a_payload(archived=True, variations=[])).is_quiet


def test_a_refusal_keeps_the_tags_it_is_missing_from() -> None:
    assert refused(a_payload(variations=[], tags=[" a ", 7, "b"])).tags == ("a", "b")


@pytest.mark.parametrize("payload", [None, 7, "text", [], {}, [{}], {"id": 7, "name": []}])
def test_what_is_no_experiment_at_all_is_refused(payload: object) -> None:
    assert "(without an id)" in refused(payload).reason


def test_a_very_long_name_is_cut_in_a_refusal() -> None:
    assert len(refused(a_payload(name="x" * 10_000, variations=[])).reason) < 300


@pytest.mark.parametrize(
    "hostile",
    [
        "'; DROP TABLE ab.experiment_data; --",
        "<script>alert(1)</script>",
        "{{ 7 * 7 }} %s {0} ${x}",
        "a\x00b\x1b[31m\r\n",
        "\ud800 lone surrogate",
        "\u202eright to left",
        "🏳️‍🌈" * 1000,
    ],
)
def test_a_hostile_text_is_only_text(hostile: str) -> None:
    experiment = accepted(
        a_payload(
            name=hostile,
            tags=[hostile],
            hashAttribute=hostile,
            phases=[a_phase_payload(name=hostile, seed=hostile, targetingCondition=hostile)],
        )
    )
    for text in (experiment.name, experiment.tags[0], experiment.phases[0].name):
        assert text.encode()
        assert not {"\x00", "\x1b", "\n"} & set(text)


def test_a_namespace_is_kept_with_all_its_ranges() -> None:
    namespace = {
        "namespaceId": "ns",
        "enabled": True,
        "range": [0, 0.2],
        "ranges": [[0, 0.2], [0.5, 1]],
    }
    experiment = accepted(a_payload(phases=[a_phase_payload(namespace=namespace)]))
    assert experiment.phases[0].namespace == Namespace(id="ns", ranges=((0, 0.2), (0.5, 1)))


def test_an_older_namespace_has_the_one_range() -> None:
    namespace = {"namespaceId": "ns", "range": [0.2, 0.9]}
    experiment = accepted(a_payload(phases=[a_phase_payload(namespace=namespace)]))
    assert experiment.phases[0].namespace == Namespace(id="ns", ranges=((0.2, 0.9),))


@pytest.mark.parametrize(
    "namespace", [{"namespaceId": "ns", "enabled": False, "range": [0, 1]}, {"namespaceId": ""}]
)
def test_a_namespace_that_is_off_is_none(namespace: object) -> None:
    experiment = accepted(a_payload(phases=[a_phase_payload(namespace=namespace)]))
    assert experiment.phases[0].namespace is None


@pytest.mark.parametrize("condition", ["", "{}", " {} "])
def test_a_condition_everyone_meets_is_none(condition: str) -> None:
    payload = a_payload(phases=[a_phase_payload(targetingCondition=condition)])
    assert accepted(payload).phases[0].targeting_condition == ""
