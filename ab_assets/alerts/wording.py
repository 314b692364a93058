"""Problems as sentences: plain text that every channel can carry.

What belongs here: titles, lines, numbers and their lengths. What does not: a channel's markup;
names come from outside and may hold anything, so each channel makes the text harmless itself.
"""

import unicodedata
from collections.abc import Mapping
from numbers import Real

from ab_assets.alerts.problem import NO_PHASE, RUN_CHECK, Problem, Severity

_LONGEST_NAME = 120
_LONGEST_SENTENCE = 600
_LONGEST_NUMBERS = 400
_MOST_ARMS = 12
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_CLASSES = {Severity.WARN: "Warning", Severity.FAIL: "Failed", Severity.RUN_FAILED: "Run failed"}
_JOINERS = "\u200c\u200d"  # some scripts need them


def one_line(text: str, longest: int) -> str:
    r"""The text on one line, without characters that hide or reorder others.

    Examples:
        >>> one_line("two\nlines", 20)
        'two lines'
        >>> one_line("abcdef", 4)
        'abc…'
    """
    shown = "".join(
        " " if c.isspace() else c
        for c in text
        if c.isspace() or c in _JOINERS or unicodedata.category(c) not in _INVISIBLE
    )
    line = " ".join(shown.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def subject_of(problem: Problem) -> str:
    """Whose problem it is: the experiment by name and key, the tag, or the job."""
    key = one_line(problem.experiment_key, _LONGEST_NAME)
    name = one_line(problem.experiment_name, _LONGEST_NAME)
    if key:
        return key if name in {"", key} else f"{name} ({key})"
    kind, _, rest = problem.identity.subject.partition(":")
    return f"{kind} {one_line(rest, _LONGEST_NAME)}" if rest else kind


def title_of(problem: Problem, prefix: str = "") -> str:
    """The first line of a message."""
    check = problem.identity.check
    what = "" if check == RUN_CHECK else f"{one_line(check.replace('_', ' '), _LONGEST_NAME)} · "
    return f"{prefix or class_word(problem.severity)}: {what}{subject_of(problem)}"


def class_word(severity: Severity) -> str:
    """The class as a word."""
    return _CLASSES[severity]


def context_line(problem: Problem) -> str:
    """Tag, experiment, phase and day."""
    parts = []
    if problem.tag:
        parts.append(f"tag {one_line(problem.tag, _LONGEST_NAME)}")
    if problem.experiment_key:
        parts.append(f"experiment {subject_of(problem)}")
    if problem.identity.phase_index != NO_PHASE:
        parts.append(f"phase {problem.identity.phase_index}")
    if problem.event_date:
        parts.append(problem.event_date.isoformat())
    return " · ".join(parts)


def problem_text(problem: Problem, *, with_title: bool = False) -> str:
    """A problem in a few lines: where, what, the numbers, and its place in Dagster."""
    lines = [title_of(problem)] if with_title else []
    lines += [context_line(problem), one_line(problem.sentence, _LONGEST_SENTENCE)]
    told = " · ".join(f"{name} {value}" for name, value in problem.numbers)
    lines.append(one_line(told, _LONGEST_NUMBERS))
    if problem.place and not problem.link:
        lines.append(one_line(problem.place, 2 * _LONGEST_NAME))
    return "\n".join(line for line in lines if line)


def shown_numbers(
    value: float | None,
    threshold: float | None,
    p_value: float | None,
    detail: Mapping[str, object],
) -> tuple[tuple[str, str], ...]:
    """A finding's numbers, ready to be shown: the measure, its limit, and each arm."""
    told = [("measured", value), ("limit", threshold), ("p-value", p_value)]
    numbers = [(name, _number(number)) for name, number in told if number is not None]
    for name, entry in detail.items():
        if shown := _entry(entry):
            numbers.append((one_line(name.replace("_", " "), _LONGEST_NAME), shown))
    return tuple(numbers)


def _entry(entry: object) -> str:
    if isinstance(entry, Mapping):
        arms = list(entry.items())
        told = [f"{one_line(str(arm), 40)}: {_number(value)}" for arm, value in arms[:_MOST_ARMS]]
        return ", ".join(told) + (" …" if len(arms) > _MOST_ARMS else "")
    return "" if entry is None or isinstance(entry, list) else _number(entry)


def _number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, Real):
        return one_line(str(value), 80)
    number = float(value)
    whole = number.is_integer() and abs(number) < 1e15  # noqa: PLR2004 (a DOUBLE's whole numbers)
    return f"{int(number):,}" if whole else f"{number:.4g}"
