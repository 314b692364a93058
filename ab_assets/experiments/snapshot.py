"""What one pull of GrowthBook gave: the experiments, and what could not be used of them.

What belongs here: the result of a pull as a value. What does not: pulling
(``ab_assets.growthbook``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ab_assets.experiments.fact_metric import FactMetric
from ab_assets.experiments.model import Experiment


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedExperiment:
    """An experiment whose configuration makes no sense; the others go on without it.

    Attributes:
        id: GrowthBook's id, ``""`` where there is none.
        name: What people call it, ``""`` where it has no name.
        reason: A sentence with the name, the id, the fact and where to mend it.
        is_draft: Not started: worth a line in a log, not a message to a person.
        is_archived: Put away: likewise.
        tags: The business areas it would have belonged to.
    """

    id: str
    name: str
    reason: str
    is_draft: bool = False
    is_archived: bool = False
    tags: tuple[str, ...] = ()

    @property
    def is_quiet(self) -> bool:
        """Nobody waits for its result."""
        return self.is_draft or self.is_archived


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """GrowthBook's experiments as of one moment.

    Attributes:
        experiments: Those that make sense, drafts and archived ones too, sorted by key and id.
        refused: Those that do not, in GrowthBook's order.
        payloads: Experiment id to what GrowthBook said about it, as JSON text with sorted keys;
            refused experiments included where they have an id, and only one thing was said about
            it.
        source: Where it came from: the API's address or the file's path, never the key.
        pulled_at: When it was read (UTC).
        notices: Sentences a person should see: an incomplete list, an old phase that makes no
            sense, a GrowthBook filter only GrowthBook applies.
        fact_metrics: GrowthBook's catalogue of metrics, where the source holds it.
    """

    experiments: tuple[Experiment, ...]
    refused: tuple[RefusedExperiment, ...] = ()
    payloads: Mapping[str, str] = field(default_factory=dict)
    source: str
    pulled_at: datetime
    notices: tuple[str, ...] = ()
    fact_metrics: tuple[FactMetric, ...] = ()
