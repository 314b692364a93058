"""How long the client waits and how often it tries.

What belongs here: numbers. What does not: what happens when one is reached.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one pull.

    Attributes:
        connect_seconds: For a connection.
        read_seconds: Between two pieces of an answer.
        total_seconds: For everything a pull does, waiting included; a key may ask GrowthBook 60
            times a minute, so this is some 300 pages.
        attempts: Tries of one request that meets lost connections or server errors.
        rate_limit_attempts: Tries of one request that is told to wait.
        first_wait_seconds: Before the second try; each further one waits twice as long.
        longest_wait_seconds: What that doubling stops at.
        longest_rate_limit_seconds: The longest wait taken from ``Retry-After``.
        page_size: Experiments a page; GrowthBook allows no more than 100.
        pages: More than this is a server that never ends its list.
        readings: How often a list that changes under the reader is read again.
        answer_bytes: A longer answer is no page.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    total_seconds: float = 300.0
    attempts: int = 5
    rate_limit_attempts: int = 10
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 20.0
    longest_rate_limit_seconds: float = 120.0
    page_size: int = 100
    pages: int = 1000
    readings: int = 5
    answer_bytes: int = 64 * 1024 * 1024
