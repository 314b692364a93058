"""Payloads in the shape GrowthBook answers with: only what a test is about has to be named."""

from datetime import UTC, datetime

from ab_assets.experiments import Experiment, RefusedExperiment, Snapshot
from ab_assets.growthbook.building import build_snapshot

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

JsonObject = dict[str, object]


def a_split(
    *weights: float, ids: tuple[str, ...] = ("var_0", "var_1", "var_2")
) -> list[JsonObject]:
    return [
        {"variationId": identity, "weight": weight}
        for identity, weight in zip(ids, weights, strict=False)
    ]


def a_phase_payload(**changes: object) -> JsonObject:
    return {
        "name": "Main",
        "dateStarted": "2026-10-01T00:00:00.000Z",
        "dateEnded": "",
        "reasonForStopping": "",
        "seed": "gate",
        "coverage": 1,
        "trafficSplit": a_split(0.5, 0.5),
        "targetingCondition": "{}",
        "prerequisites": [],
        "savedGroupTargeting": [],
    } | changes


def some_variations(*keys: str) -> list[JsonObject]:
    return [
        {
            "variationId": f"var_{index}",
            "key": key,
            "name": f"Arm {key}",
            "description": "",
            "screenshots": [],
        }
        for index, key in enumerate(keys)
    ]


def some_settings(**changes: object) -> JsonObject:
    return {
        "datasourceId": "ds_1",
        "assignmentQueryId": "user_id",
        "experimentId": "gate",
        "segmentId": "",
        "queryFilter": "",
        "inProgressConversions": "include",
        "attributionModel": "firstExposure",
        "statsEngine": "frequentist",
        "goals": [],
        "secondaryMetrics": [],
        "guardrails": [],
        "regressionAdjustmentEnabled": False,
        "sequentialTestingEnabled": False,
        "sequentialTestingTuningParameter": 5000,
        "postStratificationEnabled": None,
        "decisionFrameworkSettings": {"decisionFrameworkMetricOverrides": []},
        "metricOverrides": [],
    } | changes


def a_payload(**changes: object) -> JsonObject:
    return {
        "id": "exp_1",
        "trackingKey": "gate",
        "name": "Gate",
        "type": "standard",
        "project": "",
        "hypothesis": "",
        "description": "",
        "tags": ["retention"],
        "owner": "",
        "dateCreated": "2026-09-20T08:00:00.000Z",
        "dateUpdated": "2026-10-01T00:00:00.000Z",
        "archived": False,
        "status": "running",
        "autoRefresh": True,
        "hashAttribute": "user_id",
        "fallbackAttribute": "",
        "hashVersion": 2,
        "variations": some_variations("0", "1"),
        "phases": [a_phase_payload()],
        "settings": some_settings(),
        "shareLevel": "organization",
        "customFields": {},
        "nextScheduledStatusUpdate": None,
    } | changes


def numbered(count: int) -> list[JsonObject]:
    return [a_payload(id=f"exp_{n:05}", trackingKey=f"key-{n:05}") for n in range(count)]


def snapshot_of(*payloads: object) -> Snapshot:
    return build_snapshot(payloads, source="test", pulled_at=NOW)


def accepted(payload: object) -> Experiment:
    snapshot = snapshot_of(payload)
    assert snapshot.refused == ()
    return snapshot.experiments[0]


def refused(payload: object) -> RefusedExperiment:
    snapshot = snapshot_of(payload)
    assert snapshot.experiments == ()
    return snapshot.refused[0]
