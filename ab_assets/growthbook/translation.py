"""One experiment of a payload, checked as a whole, in the domain's shape.

What belongs here: which experiment is refused and why. What does not: experiments that contradict
each other (``building``).
"""

from pydantic import ValidationError

from ab_assets.experiments import Experiment, Lookback, Phase, Variation, newest_phase
from ab_assets.growthbook.fields import parse_instant
from ab_assets.growthbook.metrics import translate_metrics
from ab_assets.growthbook.payloads import ExperimentPayload, LookbackPayload
from ab_assets.growthbook.phases import translate_phases

_FEWEST_VARIATIONS = 2
_HOURS = {"minutes": 1 / 60, "hours": 1.0, "days": 24.0, "weeks": 168.0}


class RefusalError(ValueError):
    """The experiment makes no sense; the message is the reason alone, without its name."""


def translate_experiment(payload: object) -> Experiment:
    """An experiment of the API as the domain's.

    Args:
        payload: The decoded JSON object.

    Returns:
        An experiment whose newest phase can be analysed.

    Raises:
        RefusalError: With every reason found.
    """
    try:
        parsed = ExperimentPayload.model_validate(payload)
    except ValidationError as error:
        raise RefusalError(describe(error)) from None
    phases = translate_phases(
        parsed.phases,
        [variation.variation_id for variation in parsed.variations],
        parsed.tracking_key,
    )
    problems = _problems(parsed, phases)
    if problems:
        raise RefusalError("; ".join(problems))
    return _experiment(parsed, phases)


def describe(error: ValidationError) -> str:
    """What pydantic found, as ``phases[0].dateStarted: a date is missing``, at most three."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    shown = [
        f"{_path(item['loc'])}: {item['msg'].removeprefix('Value error, ')}"
        for item in problems[:3]
    ]
    if len(problems) > len(shown):
        shown.append(f"and {len(problems) - len(shown)} more")
    return "; ".join(shown)


def _path(location: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".") or "the experiment"


def _problems(parsed: ExperimentPayload, phases: tuple[Phase, ...]) -> list[str]:
    keys = [variation.key for variation in parsed.variations]
    problems = []
    if len(keys) < _FEWEST_VARIATIONS:
        problems.append(f"it has {len(keys)} variations, and a comparison needs two")
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        problems.append(f"several variations have the key {', '.join(map(repr, repeated))}")
    newest = newest_phase(phases)
    if newest is None and parsed.status != "draft":
        problems.append(f"it is {parsed.status!r} but has no phase")
    if newest is not None and newest.problem:
        problems.append(f"phase {newest.index} ({newest.name!r}): {newest.problem}")
    return problems


def _experiment(parsed: ExperimentPayload, phases: tuple[Phase, ...]) -> Experiment:
    settings = parsed.settings
    return Experiment(
        id=parsed.id,
        key=parsed.tracking_key,
        name=parsed.name or parsed.tracking_key,
        status=parsed.status,
        variations=tuple(
            Variation(
                id=variation.variation_id,
                key=variation.key,
                name=variation.name or variation.key,
            )
            for variation in parsed.variations
        ),
        phases=phases,
        tags=stripped_tags(parsed.tags),
        type=parsed.type,
        archived=parsed.archived,
        hash_attribute=parsed.hash_attribute,
        hash_version=parsed.hash_version,
        created_at=parsed.date_created,
        metrics=translate_metrics(settings),
        stats_engine=settings.stats_engine,
        attribution_model=settings.attribution_model,
        lookback=_lookback(settings.lookback_override),
        activation_metric=settings.activation_metric or None,
        in_progress_conversions=settings.in_progress_conversions,
        regression_adjustment_enabled=settings.regression_adjustment_enabled,
        sequential_testing_enabled=settings.sequential_testing_enabled,
        sequential_testing_tuning_parameter=settings.sequential_testing_tuning_parameter,
        segment_id=settings.segment_id,
        query_filter=settings.query_filter,
    )


def stripped_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Tags without surrounding blanks, empty ones and repeats, in GrowthBook's order."""
    return tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def _lookback(payload: LookbackPayload | None) -> Lookback | None:
    if payload is None:
        return None
    if payload.type == "date" and isinstance(payload.value, str):
        try:
            return Lookback(since=parse_instant(payload.value))
        except ValueError as error:
            message = f"settings.lookbackOverride.value: {error}"
            raise RefusalError(message) from None
    if payload.type == "window" and not isinstance(payload.value, str) and payload.value >= 0:
        return Lookback(hours=payload.value * _HOURS[payload.value_unit])
    message = f"settings.lookbackOverride: {payload.value!r} is no {payload.type}"
    raise RefusalError(message)
