"""Parts of all units: each unit is in one, whoever asks.

What belongs here: the parts and the binds of ``pieces/part.sql``. What does not: statements.
"""

from dataclasses import dataclass

_PREFIXES = 16**4
_ABOVE_ALL = "g"  # behind every hexadecimal digit


@dataclass(frozen=True, slots=True)
class UnitPart:
    """One of some parts, by where the hash of a unit's id begins.

    Attributes:
        number: From 0.
        count: How many parts there are.

    Examples:
        >>> [UnitPart(number, 4).parameters["part_from"] for number in range(4)]
        ['0000', '4000', '8000', 'c000']
        >>> UnitPart(3, 4).parameters["part_below"]
        'g'
    """

    number: int
    count: int

    @property
    def parameters(self) -> dict[str, object]:
        """Values of the binds."""
        return {"part_from": self._prefix(self.number), "part_below": self._prefix(self.number + 1)}

    def _prefix(self, number: int) -> str:
        return _ABOVE_ALL if number == self.count else f"{number * _PREFIXES // self.count:04x}"
