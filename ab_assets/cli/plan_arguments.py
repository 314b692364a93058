"""The arguments of ``ab-assets plan`` as numbers.

What belongs here: reading shares, effects and splits the way people write them, refused in a
sentence. What does not: whether they make a plan (:mod:`ab_assets.planning.request`).
"""

import re
from math import isfinite

from ab_assets.errors import ConfigurationError

_NUMBER = r"[+\-−]?\d[\d_,]*(?:\.\d+)?(?:[eE][+\-]?\d+)?|[+\-−]?\.\d+"
_SHARE = re.compile(rf"^({_NUMBER})\s*(%|pp)?$")


def read_share(text: str, option: str, *, points: bool = False) -> float:
    """A number, or per cent of one.

    Args:
        text: As given.
        option: Its name, for the refusal.
        points: Whether percentage points are meant too.

    Raises:
        ConfigurationError: It is neither.

    Examples:
        >>> read_share("2%", "--effect"), read_share("-0.5 %", "--effect"), read_share("0.1", "-")
        (0.02, -0.005, 0.1)
        >>> read_share("0.9pp", "--effect-absolute", points=True)
        0.009000000000000001
    """
    found = _SHARE.match(text.strip())
    if found is None or (found[2] == "pp" and not points):
        example = "0.02 or 0.9pp" if points else "2% or 0.02"
        message = f"{option} wants a number like {example}, not {text!r}"
        raise ConfigurationError(message)
    value = float(found[1].replace(",", "").replace("_", "").replace("−", "-"))
    if not isfinite(value):
        message = f"{option}: {text!r} is too large to be a number"
        raise ConfigurationError(message)
    return value / 100.0 if found[2] else value


def read_split(text: str | None, arms: int | None) -> tuple[float, ...]:
    """The shares of the arms, the control first.

    Args:
        text: Shares with slashes between, or ``None`` for equal ones.
        arms: How many; ``None`` for as many as the split has, or two.

    Raises:
        ConfigurationError: They contradict each other, or are no shares.

    Examples:
        >>> read_split("90/10", None), read_split(None, 4)
        ((0.9, 0.1), (0.25, 0.25, 0.25, 0.25))
        >>> [round(share, 4) for share in read_split("34/33/33", None)]
        [0.34, 0.33, 0.33]
    """
    if text is None:
        number = 2 if arms is None else arms
        if not 2 <= number <= 100:  # noqa: PLR2004 (a control and a variation; beyond, a slip)
            message = f"--arms goes from 2 (a control and a variation) to 100, not {number}"
            raise ConfigurationError(message)
        return (1.0 / number,) * number
    parts = [read_share(part, "--split") for part in text.split("/")]
    if arms is not None and arms != len(parts):
        message = f"--split {text} has {len(parts)} arms, but --arms says {arms}"
        raise ConfigurationError(message)
    # 50/50 is in per cent, 0.5/0.5 and 50%/50% are shares of 1.
    whole = 1.0 if sum(parts) <= 1.5 else 100.0  # noqa: PLR2004 (between the two)
    if abs(sum(parts) - whole) > 1e-9 * whole:
        message = f"--split {text} sums to {sum(parts):g}; shares sum to 100, like 34/33/33"
        raise ConfigurationError(message)
    return tuple(part / sum(parts) for part in parts)
