"""What came of injected faults, and the table that is printed of it.

What belongs here: counts and differences of one kind of fault. What does not: faults.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Tally:
    """What came of one kind of fault.

    Attributes:
        fault: The kind, in words.
        injected: How often it was made to happen.
        comparisons: Partitions, tables and messages held against what they have to be.
        differences: What was other than it has to be, a sentence each.
        details: Other things counted.
    """

    fault: str
    injected: int = 0
    comparisons: int = 0
    differences: list[str] = field(default_factory=list)
    details: Counter[str] = field(default_factory=Counter)

    def expect(self, *, holds: bool, sentence: str) -> None:
        """Counts a comparison, and a difference unless it holds."""
        self.comparisons += 1
        if not holds:
            self.differences.append(sentence)


def table_of(tallies: Sequence[Tally]) -> str:
    """All of them, a line each, then what else was counted and every difference."""
    width = max(len(tally.fault) for tally in tallies)
    lines = [f"{'fault':<{width}}{'injected':>10}{'comparisons':>13}{'differences':>13}"]
    lines += [
        f"{tally.fault:<{width}}{tally.injected:>10,}{tally.comparisons:>13,}"
        f"{len(tally.differences):>13,}"
        for tally in tallies
    ]
    for tally in tallies:
        lines += [f"{tally.fault}: {name}: {n:,}" for name, n in sorted(tally.details.items())]
    for tally in tallies:
        lines += [f"{tally.fault}: DIFFERENCE: {sentence}" for sentence in tally.differences]
    return "\n".join(lines)
