"""A pull's payloads as one snapshot, with the experiments that contradict each other taken out.

What belongs here: what concerns several experiments (repeated ids and keys), and what a person is
told. What does not: what one experiment says about itself (``translation``).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ab_assets.experiments import Experiment, FactMetric, Phase, RefusedExperiment, Snapshot
from ab_assets.growthbook import json_text
from ab_assets.growthbook.fields import clean_text
from ab_assets.growthbook.translation import RefusalError, stripped_tags, translate_experiment

_LONGEST_NAME = 80


def build_snapshot(
    payloads: Sequence[object],
    *,
    source: str,
    pulled_at: datetime,
    notices: Sequence[str] = (),
    fact_metrics: Sequence[FactMetric] = (),
) -> Snapshot:
    """The snapshot of a list of experiment objects.

    Copies of one experiment count once; two different versions of one id are both refused, for
    nobody can tell which holds. Of experiments that share a tracking key while both could receive
    the same exposure rows, the one created first stays and the others are refused.

    Args:
        payloads: Decoded JSON objects, in GrowthBook's order.
        source: Where they came from.
        pulled_at: When.
        notices: What the reader of the source already found worth saying.
        fact_metrics: GrowthBook's metrics, where the source holds them.

    Returns:
        The experiments that make sense, and the others with the reason.
    """
    texts: dict[str, str] = {}
    refused: list[RefusedExperiment] = []
    accepted: list[Experiment] = []
    contradicted = _contradicted_ids(payloads)
    seen: set[str] = set()
    for payload in payloads:
        try:
            text = json_text.encode(payload)
            if text in seen:
                continue
            seen.add(text)
            texts[_text_of(payload, "id")] = text
            accepted.append(_translate(payload, contradicted))
        except (RefusalError, json_text.JsonTextError) as error:
            refused.append(_refusal(payload, str(error)))
    kept, shadowed = _without_shared_keys(accepted)
    # Of a contradicted id neither version is kept: read back alone, it would seem to hold.
    for identity in ("", *contradicted):
        texts.pop(identity, None)
    return Snapshot(
        experiments=tuple(sorted(kept, key=lambda item: (item.key, item.id))),
        refused=(*refused, *shadowed),
        payloads=texts,
        source=source,
        pulled_at=pulled_at,
        notices=(*notices, *_notices(kept)),
        fact_metrics=tuple(fact_metrics),
    )


def _translate(payload: object, contradicted: set[str]) -> Experiment:
    if _text_of(payload, "id") in contradicted:
        message = "GrowthBook gives two different experiments with this id"
        raise RefusalError(message)
    return translate_experiment(payload)


def _contradicted_ids(payloads: Iterable[object]) -> set[str]:
    versions: dict[str, object] = {}
    contradicted = set()
    for payload in payloads:
        identity = _text_of(payload, "id")
        if identity and versions.setdefault(identity, payload) != payload:
            contradicted.add(identity)
    return contradicted


def _without_shared_keys(
    experiments: Sequence[Experiment],
) -> tuple[list[Experiment], list[RefusedExperiment]]:
    kept: list[Experiment] = []
    refused: list[RefusedExperiment] = []
    holders: dict[str, list[Experiment]] = {}
    for experiment in sorted(experiments, key=_by_creation):
        if not experiment.can_be_in_force:
            kept.append(experiment)
            continue
        same_key = holders.setdefault(experiment.key, [])
        rival = next((item for item in same_key if _overlap(item, experiment)), None)
        if rival is None:
            same_key.append(experiment)
            kept.append(experiment)
            continue
        why = (
            f"it shares the tracking key {experiment.key!r} with {rival.name!r} ({rival.id}), "
            "created before it, while both run: exposure rows cannot tell them apart"
        )
        refused.append(
            RefusedExperiment(
                id=experiment.id,
                name=experiment.name,
                reason=_sentence(experiment.name, experiment.id, why),
                tags=experiment.tags,
            )
        )
    return kept, refused


def _by_creation(experiment: Experiment) -> tuple[bool, float, str]:
    created = experiment.created_at
    return created is None, 0.0 if created is None else created.timestamp(), experiment.id


def _overlap(one: Experiment, other: Experiment) -> bool:
    # Experiments that used one key one after the other are told apart by time.
    return any(_share_an_instant(a, b) for a in one.phases for b in other.phases)


def _share_an_instant(one: Phase, other: Phase) -> bool:
    starts_in_time = other.ended_at is None or one.started_at <= other.ended_at
    ends_in_time = one.ended_at is None or other.started_at <= one.ended_at
    return starts_in_time and ends_in_time


def _notices(experiments: Iterable[Experiment]) -> Iterator[str]:
    for experiment in sorted(experiments, key=lambda item: (item.key, item.id)):
        if not experiment.can_be_in_force:
            continue
        who = f"experiment {experiment.name!r} ({experiment.id})"
        for phase in experiment.phases:
            if phase.problem:
                yield (
                    f"{who}: days of its old phase {phase.index} ({phase.name!r}) cannot be "
                    f"analysed: {phase.problem}"
                )
        if experiment.segment_id or experiment.query_filter:
            yield f"{who}: GrowthBook filters its users by a segment or SQL; this analysis does not"


def _refusal(payload: object, reason: str) -> RefusedExperiment:
    identity, name = clean_text(_text_of(payload, "id")), clean_text(_text_of(payload, "name"))
    tags = payload.get("tags") if isinstance(payload, dict) else None
    return RefusedExperiment(
        id=identity,
        name=name,
        reason=_sentence(name, identity, reason),
        is_draft=_text_of(payload, "status") == "draft",
        is_archived=isinstance(payload, dict) and payload.get("archived") is True,
        tags=stripped_tags(tuple(clean_text(tag) for tag in tags if isinstance(tag, str)))
        if isinstance(tags, list)
        else (),
    )


def _sentence(name: str, identity: str, reason: str) -> str:
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    where = identity[:_LONGEST_NAME] or "without an id"
    return f"experiment {shown!r} ({where}) is left out: {reason}; correct it in GrowthBook"


def _text_of(payload: object, field: str) -> str:
    value = payload.get(field) if isinstance(payload, dict) else None
    return value if isinstance(value, str) else ""
