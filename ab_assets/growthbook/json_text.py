"""JSON in and out, stricter than Python's: no NaN, no Infinity, no number a float cannot hold.

What belongs here: text to values and back. What does not: what the values mean.
"""

import json
import math


class JsonTextError(ValueError):
    """The text is no JSON; the message says why and where."""


def decode(content: bytes) -> object:
    """Reads UTF-8 JSON, with or without a byte order mark.

    Args:
        content: The bytes of a file or an answer.

    Returns:
        Dictionaries, lists, texts, numbers, booleans and ``None``.

    Raises:
        JsonTextError: With line and column where the text breaks off being JSON.
    """
    try:
        return json.loads(
            content.decode("utf-8-sig"), parse_constant=_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        message = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise JsonTextError(message) from None
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8"
        raise JsonTextError(message) from None
    except RecursionError:
        message = "it is nested too deeply"
        raise JsonTextError(message) from None
    except ValueError as error:
        raise JsonTextError(str(error)) from None


def encode(value: object) -> str:
    """One canonical text for one value: sorted keys, ASCII only, no spaces.

    ASCII on purpose: a lone surrogate, which JSON allows and UTF-8 does not, survives as an escape.

    Args:
        value: What ``decode`` returns.

    Returns:
        JSON text.

    Raises:
        JsonTextError: The value holds something JSON cannot.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        message = f"it has no JSON form ({type(error).__name__})"
        raise JsonTextError(message) from None


def _constant(name: str) -> object:
    message = f"{name} is no JSON number"
    raise JsonTextError(message)


def _finite(text: str) -> float:
    number = float(text)
    if math.isfinite(number):
        return number
    message = f"the number {text[:20]} is too large"
    raise JsonTextError(message)
