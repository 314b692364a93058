"""The page of a tag as a file.

What belongs here: making the text and putting it in its place at once. What does not: which folder.
"""

import os
import tempfile
from pathlib import Path

from ab_assets.errors import ConfigurationError
from ab_assets.reporting.language import Language, language_of
from ab_assets.reporting.page.building import page_content
from ab_assets.reporting.page.rendering import page_html
from ab_assets.reporting.page.source import PageSource


def write_page(source: PageSource, path: Path, code: str = "en") -> int:
    """Writes the page in one language; readers see the old file or the new one.

    Returns:
        Its size in bytes.

    Raises:
        ConfigurationError: There is no such language, or the file cannot be written.
    """
    language: Language = language_of(code)
    data = page_html(page_content(source, language), language).encode()
    try:
        _replace(path.absolute(), data)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise ConfigurationError(message) from error
    return len(data)


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp's files are for their owner alone; a report is for those who may read the folder.
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
