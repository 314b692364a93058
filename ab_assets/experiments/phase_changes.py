"""What became different in one phase, in sentences.

What belongs here: those sentences. What does not: which days they are about (``changes``).
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from ab_assets.experiments.days import moment
from ab_assets.experiments.known import KnownPhase


def phase_sentences(known: KnownPhase, phase: KnownPhase, zone: ZoneInfo) -> Iterator[str]:
    """At least one sentence for two phases of one index whose digests differ."""
    name = f"phase {phase.index}"
    told = False
    if known.started_at != phase.started_at:
        told = True
        starts, started = moment(phase.started_at, zone), moment(known.started_at, zone)
        yield f"{name} starts at {starts}, not at {started}"
    if known.weights != phase.weights:
        told = True
        kept = "; the seed stayed: users near the border change arms" * (known.seed == phase.seed)
        yield f"the weights of {name} went from {_split(known)} to {_split(phase)}{kept}"
    if known.coverage != phase.coverage:
        told = True
        yield f"the coverage of {name} went from {known.coverage:g} to {phase.coverage:g}"
    if known.seed != phase.seed:
        told = True
        yield f"the seed of {name} changed: users were randomised again"
    if not told:
        yield f"the audience of {name} changed: targeting, namespace, or whether it can be used"


def _split(phase: KnownPhase) -> str:
    return "/".join(f"{weight:g}" for weight in phase.weights)
