"""A saved answer of GrowthBook's API, for work without a server.

What belongs here: finding the experiments in a file. What does not: what they mean (``building``).
"""

from datetime import UTC, datetime
from pathlib import Path

from ab_assets.errors import ConfigurationError, GrowthBookError
from ab_assets.experiments import Snapshot
from ab_assets.growthbook import json_text
from ab_assets.growthbook.building import build_snapshot
from ab_assets.growthbook.catalogue import MetricCatalogue, build_catalogue
from ab_assets.growthbook.fields import clean_text


def read_snapshot_file(path: Path) -> Snapshot:
    """Reads ``{"experiments": […]}``, a bare list, or a single ``{"experiment": {…}}``.

    A page that says there are more is read, and the snapshot's notices say that it is incomplete.

    Args:
        path: The file.

    Returns:
        The snapshot; its source is the path.

    Raises:
        ConfigurationError: There is no such file, or it cannot be read.
        GrowthBookError: It is no JSON, or no answer with experiments.
    """
    content = _content(path)
    notices = []
    if isinstance(content, dict) and content.get("hasMore") is True:
        notices.append(
            f"{path} is one page of several ({_count(content)}): experiments are missing; save the "
            "answer of a request with a higher limit, or pull from the API"
        )
    catalogue = _catalogue(content)
    return build_snapshot(
        _experiments(content, path),
        source=str(path),
        pulled_at=datetime.now(UTC),
        notices=(*notices, *catalogue.refused),
        fact_metrics=catalogue.metrics,
    )


def read_catalogue_file(path: Path) -> MetricCatalogue:
    """Reads the ``factMetrics`` a file holds, alone or beside experiments; none is no error.

    Args:
        path: The file.

    Returns:
        The catalogue.

    Raises:
        ConfigurationError: There is no such file, or it cannot be read.
        GrowthBookError: It is no JSON.
    """
    return _catalogue(_content(path))


def _catalogue(content: object) -> MetricCatalogue:
    metrics = content.get("factMetrics") if isinstance(content, dict) else None
    return build_catalogue(metrics if isinstance(metrics, list) else [])


def _content(path: Path) -> object:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        message = (
            f"there is no file {path}; GROWTHBOOK_SNAPSHOT must name a saved GrowthBook answer"
        )
        raise ConfigurationError(message) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        message = f"{path} cannot be read ({why}); GROWTHBOOK_SNAPSHOT must name a readable file"
        raise ConfigurationError(message) from None
    try:
        return json_text.decode(content)
    except json_text.JsonTextError as error:
        message = f"{path} is no JSON: {error}; save the API's answer again"
        raise GrowthBookError(message) from None


def _experiments(content: object, path: Path) -> list[object]:
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        if isinstance(content.get("experiments"), list):
            return list(content["experiments"])
        if isinstance(content.get("experiment"), dict):
            return [content["experiment"]]
    message = (
        f"{path} holds {_what(content)}; expected a saved answer of GET /api/v1/experiments: "
        '{"experiments": [...]}, a list, or {"experiment": {...}}'
    )
    raise GrowthBookError(message)


def _what(content: object) -> str:
    if not isinstance(content, dict):
        return f"a JSON {type(content).__name__}"
    said = content.get("message")
    if isinstance(said, str):
        return f"an error of GrowthBook, {clean_text(said)[:200]!r}"
    names = ", ".join(repr(clean_text(name)[:40]) for name in sorted(content)[:5])
    return f"an object with {names or 'nothing in it'}"


def _count(content: dict[str, object]) -> str:
    return f"{content.get('count', '?')} of {content.get('total', '?')} experiments"
