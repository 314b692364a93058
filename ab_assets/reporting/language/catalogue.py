"""Catalogues: English text and its translation, as gettext keeps them.

What belongs here: reading ``<code>.po`` and ``<code>.page.po``. What does not: which texts there
are.
"""

from pathlib import Path

_FOLDER = Path(__file__).parent


def read_catalogue(code: str, part: str = "") -> dict[str, str]:
    """The translations of a language, by their English text; fuzzy and empty ones are left out.

    Args:
        code: The language.
        part: ``page`` for the words of pages, which are no forms of sentences in the tables.
    """
    # Only pages that are not in English pay for Babel's import.
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with (_FOLDER / (f"{code}.{part}.po" if part else f"{code}.po")).open("rb") as file:
        catalogue = read_po(file, locale=code)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }
