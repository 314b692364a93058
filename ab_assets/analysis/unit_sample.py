"""A sample of units: the same ones whoever asks, on any day and on either engine.

What belongs here: its share and the binds of ``pieces/sampled.sql``. What does not: statements.
"""

from dataclasses import dataclass

from ab_assets.errors import ConfigurationError

_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class UnitSample:
    """The units whose id falls in the lowest buckets of a hash.

    Attributes:
        share: Of all units; in steps of one in 10,000.
        salt: Another salt draws other units.

    Raises:
        ConfigurationError: The share is none of one in 10,000 to 1.
    """

    share: float
    salt: str = "reconcile"

    def __post_init__(self) -> None:
        """Checks the share."""
        if not 1 / _BUCKETS <= self.share <= 1:
            message = f"a sample of {self.share:g} of the units: give a share from 0.0001 to 1"
            raise ConfigurationError(message)

    @property
    def parameters(self) -> dict[str, object]:
        """Values of the binds."""
        return {"sample_salt": self.salt, "sample_buckets": round(self.share * _BUCKETS)}
