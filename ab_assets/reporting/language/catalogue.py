"""Catalogues: English text and its translation, as gettext keeps them.

What belongs here: reading ``<code>.po``. What does not: which texts there are.
"""

from pathlib import Path

_FOLDER = Path(__file__).parent


def read_catalogue(code: str) -> dict[str, str]:
    """The translations of a language, by their English text; fuzzy and empty ones are left out."""
    # Only pages that are not in English pay for Babel's import.
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with (_FOLDER / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }
