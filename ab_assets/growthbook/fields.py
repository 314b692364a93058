"""The kinds of field a GrowthBook payload has, each with its check.

What belongs here: types for single values. What does not: which payload has which field
(``payloads``, ``fact_metric_payload``).
"""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

MAX_KEY_BYTES = 255
# The years every store and every data frame of ours can hold to the nanosecond.
_YEARS = range(1970, 2262)
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}


class Payload(BaseModel):
    """A part of an answer: camelCase names, unknown fields ignored, null the same as absent.

    Unknown fields are ignored at every level because GrowthBook's published schema closes objects
    that its real answers extend.
    """

    model_config = ConfigDict(
        extra="ignore", frozen=True, alias_generator=to_camel, populate_by_name=True
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: object) -> object:
        if isinstance(value, dict):
            return {name: part for name, part in value.items() if part is not None}
        return value


def clean_text(text: str) -> str:
    """Text that every store, log and page can show: what has no glyph becomes U+FFFD."""
    if text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(c) in _UNPRINTABLE else c for c in text)


def parse_instant(value: object) -> datetime:
    """An ISO 8601 time as an aware UTC datetime; GrowthBook's times without an offset are UTC.

    Args:
        value: What the payload holds.

    Returns:
        Microseconds; finer digits are cut.

    Raises:
        ValueError: It is no text, no time, or outside the years that stores can hold.
    """
    if not isinstance(value, str) or not value.strip():
        message = "a date is missing"
        raise ValueError(message)
    try:
        instant = datetime.fromisoformat(value.strip())
        instant = instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"{clean_text(value)[:40]!r} is no date"
        raise ValueError(message) from None
    if instant.year not in _YEARS:
        message = f"the year {instant.year} is not within {_YEARS.start} to {_YEARS.stop - 1}"
        raise ValueError(message)
    return instant


def _optional_instant(value: object) -> datetime | None:
    return None if value == "" else parse_instant(value)


def _lenient_instant(value: object) -> datetime | None:
    try:
        return parse_instant(value)
    except ValueError:
        return None


def _clean(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value


def _number(value: object) -> object:
    if isinstance(value, bool):
        message = "a number is expected, not true or false"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports only ValueError
    return value


def _key(text: str) -> str:
    if not text.strip():
        message = "it is empty"
        raise ValueError(message)
    if len(text.encode()) > MAX_KEY_BYTES:
        message = f"it is longer than {MAX_KEY_BYTES} bytes"
        raise ValueError(message)
    if any(unicodedata.category(character) in _UNPRINTABLE for character in text):
        message = "it holds a control character"
        raise ValueError(message)
    return text


Key = Annotated[str, AfterValidator(_key)]
Text = Annotated[str, BeforeValidator(_clean)]
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Instant = Annotated[datetime, BeforeValidator(parse_instant)]
OpenInstant = Annotated[datetime | None, BeforeValidator(_optional_instant)]
LenientInstant = Annotated[datetime | None, BeforeValidator(_lenient_instant)]
