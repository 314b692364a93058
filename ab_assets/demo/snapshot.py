"""What GrowthBook would answer about the company's experiments.

What belongs here: the shape of GrowthBook's ``GET /api/v1/experiments`` answer, filled from the
plans. What does not: reading such an answer; the engine does that without knowing this module.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from ab_assets.demo.blueprint import ExperimentPlan, PhasePlan

_PAGE_LIMIT = 100


def make_snapshot(plans: tuple[ExperimentPlan, ...], *, first_day: date) -> dict[str, Any]:
    """One page with every experiment, oldest first.

    Args:
        plans: The experiments.
        first_day: The day phase days are counted from.
    """
    return {
        "experiments": [_experiment(plan, first_day) for plan in plans],
        "limit": _PAGE_LIMIT,
        "offset": 0,
        "count": len(plans),
        "total": len(plans),
        "hasMore": False,
        "nextOffset": None,
    }


def _experiment(plan: ExperimentPlan, first_day: date) -> dict[str, Any]:
    newest = max(phase.end_day or phase.start_day for phase in plan.phases)
    answer: dict[str, Any] = {
        "id": f"exp_{plan.key}",
        "trackingKey": plan.key,
        "name": plan.name,
        "type": "standard",
        "project": "",
        "hypothesis": plan.hypothesis,
        "description": "",
        "tags": list(plan.tags),
        "owner": "",
        "dateCreated": _instant(first_day, -3, hour=9),
        "dateUpdated": _instant(first_day, newest),
        "archived": plan.archived,
        "status": plan.status,
        "autoRefresh": True,
        "hashAttribute": "user_id",
        "fallbackAttribute": "",
        "hashVersion": plan.hash_version,
        "disableStickyBucketing": False,
        "variations": [
            {
                "variationId": _variation_id(plan, index),
                "key": arm.key,
                "name": arm.name,
                "description": "",
                "screenshots": [],
            }
            for index, arm in enumerate(plan.arms)
        ],
        "phases": [_phase(plan, phase, first_day) for phase in plan.phases],
        "settings": _settings(plan),
        "shareLevel": "organization",
        "linkedFeatures": [],
        "hasVisualChangesets": False,
        "hasURLRedirects": False,
        "customFields": {},
        "customMetricSlices": [],
        "precomputedUnitDimensionIds": [],
        "nextScheduledStatusUpdate": None,
        "enhancedStatus": {"status": plan.status.capitalize(), "detailedStatus": ""},
    }
    if plan.status == "stopped":
        answer["resultSummary"] = {
            "status": "dnf",
            "winner": "",
            "conclusions": "",
            "releasedVariationId": "",
            "excludeFromPayload": True,
        }
    return answer


def _phase(plan: ExperimentPlan, phase: PhasePlan, first_day: date) -> dict[str, Any]:
    ended = phase.end_day is not None
    return {
        "name": phase.name,
        "dateStarted": _instant(first_day, phase.start_day),
        "dateEnded": _instant(first_day, phase.end_day) if phase.end_day is not None else "",
        "reasonForStopping": "planned end" if ended else "",
        "seed": phase.seed,
        "coverage": phase.coverage,
        "trafficSplit": [
            {"variationId": _variation_id(plan, index), "weight": weight}
            for index, weight in enumerate(phase.weights)
        ],
        "targetingCondition": "{}",
        "prerequisites": [],
        "savedGroupTargeting": [],
    }


def _settings(plan: ExperimentPlan) -> dict[str, Any]:
    return {
        "datasourceId": "ds_demo",
        "assignmentQueryId": "user_id",
        "experimentId": plan.key,
        "segmentId": "",
        "queryFilter": "",
        "inProgressConversions": "exclude",
        "attributionModel": "firstExposure",
        "statsEngine": "frequentist",
        "goals": _metrics(plan, plan.goals),
        "secondaryMetrics": _metrics(plan, plan.secondary),
        "guardrails": _metrics(plan, plan.guardrails),
        "regressionAdjustmentEnabled": True,
        "sequentialTestingEnabled": True,
        "sequentialTestingTuningParameter": 5000,
        "postStratificationEnabled": None,
        "decisionFrameworkSettings": {"decisionFrameworkMetricOverrides": []},
        "metricOverrides": [],
    }


def _metrics(plan: ExperimentPlan, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"metricId": name, "overrides": dict(plan.overrides.get(name, {}))} for name in ids]


def _variation_id(plan: ExperimentPlan, index: int) -> str:
    return f"var_{plan.key}_{index}"


def _instant(first_day: date, day: int, *, hour: int = 0) -> str:
    moment = datetime.combine(first_day + timedelta(days=day), time(hour))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
