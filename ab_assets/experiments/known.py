"""What is remembered of an experiment, small enough to be kept between two looks at GrowthBook.

What belongs here: the remembered shape and its text. What does not: comparing two of them
(``changes``).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal, cast

from ab_assets.experiments.configuration import config_hash
from ab_assets.experiments.model import Experiment, Phase

State = Literal["draft", "running", "stopped", "archived", "gone"]

_LENGTH = 8
_ANY_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_LIVE = {"running", "stopped"}
# The end has a field of its own; names and what is wrong with a phase decide nothing else.
_NOT_MATERIAL = ("name", "ended_at", "problem", "reseeded")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPhase:
    """A phase, as far as a change of it has to be noticed and told.

    Attributes:
        index: GrowthBook's position.
        started_at: First instant (UTC).
        ended_at: Last instant (UTC); ``None`` while it is open.
        weights: The split.
        coverage: The share of eligible users.
        seed: Digest of the seed.
        digest: Of everything that decides who sees what, the end left out.
    """

    index: int
    started_at: datetime
    ended_at: datetime | None
    weights: tuple[float, ...]
    coverage: float
    seed: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownExperiment:
    """An experiment, as it was when somebody last looked.

    Attributes:
        id: GrowthBook's id.
        key: The tracking key.
        state: Its status; ``archived`` whatever its status; ``gone`` when GrowthBook has it no
            more.
        tags: The business areas, sorted.
        settings: Digest of what the experiment says of all its phases.
        phases: In GrowthBook's order; none for one that is not in force, nobody asks for them.
        revision: How often a change of it was noticed.
    """

    id: str
    key: str
    state: State
    tags: tuple[str, ...]
    settings: str
    phases: tuple[KnownPhase, ...]
    revision: int = 0

    @property
    def is_live(self) -> bool:
        """Whether it can be in force."""
        return self.state in _LIVE

    @property
    def newest_phase(self) -> KnownPhase | None:
        """The phase that starts last."""
        return max(self.phases, key=lambda phase: (phase.started_at, phase.index), default=None)

    def to_json(self) -> list[object]:
        """A short list of plain values."""
        phases = [
            [
                item.index,
                item.started_at.isoformat(),
                item.ended_at.isoformat() if item.ended_at else None,
                item.weights,
                item.coverage,
                item.seed,
                item.digest,
            ]
            for item in self.phases
        ]
        return [self.id, self.key, self.state, self.tags, self.settings, phases, self.revision]


def known_of(experiment: Experiment) -> KnownExperiment:
    """What is remembered of an experiment."""
    live = experiment.can_be_in_force
    return KnownExperiment(
        id=experiment.id,
        key=experiment.key,
        state="archived" if experiment.archived else cast("State", experiment.status),
        tags=tuple(sorted(experiment.tags)),
        settings=_settings(experiment) if live else "",
        phases=tuple(_phase(item) for item in experiment.phases) if live else (),
    )


def known_from_json(values: object) -> KnownExperiment:
    """What :meth:`KnownExperiment.to_json` wrote.

    Raises:
        ValueError: It wrote nothing like this.
        TypeError: Likewise.
    """
    identity, key, state, tags, settings, phases, revision = cast("list[object]", values)
    return KnownExperiment(
        id=str(identity),
        key=str(key),
        state=cast("State", state),
        tags=tuple(str(tag) for tag in cast("list[object]", tags)),
        settings=str(settings),
        phases=tuple(_phase_from_json(item) for item in cast("list[list[object]]", phases)),
        revision=int(cast("int", revision)),
    )


def _phase_from_json(values: list[object]) -> KnownPhase:
    index, started, ended, weights, coverage, seed, digest = values
    return KnownPhase(
        index=int(cast("int", index)),
        started_at=datetime.fromisoformat(str(started)),
        ended_at=datetime.fromisoformat(str(ended)) if ended else None,
        weights=tuple(float(weight) for weight in cast("list[float]", weights)),
        coverage=float(cast("float", coverage)),
        seed=str(seed),
        digest=str(digest),
    )


def _phase(phase: Phase) -> KnownPhase:
    material = {name: part for name, part in asdict(phase).items() if name not in _NOT_MATERIAL} | {
        "usable": not phase.problem
    }
    return KnownPhase(
        index=phase.index,
        started_at=phase.started_at,
        ended_at=phase.ended_at,
        weights=phase.weights,
        coverage=phase.coverage,
        seed=digest_of(phase.seed),
        digest=digest_of(material),
    )


def _settings(experiment: Experiment) -> str:
    """What the configuration hash says of an experiment whatever its phase."""
    none = Phase(index=0, name="", started_at=_ANY_MOMENT, weights=())
    return config_hash(experiment, none)[:_LENGTH]


def digest_of(value: str | Mapping[str, object]) -> str:
    """Eight hexadecimal digits of a SHA-256 over a value as JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
