"""What a page says, in the language of its reader.

What belongs here: the languages, their catalogues, and how a sentence of the tables is turned into
another language. What does not: numbers (``reporting.formatting``), what a page says.
"""

from ab_assets.reporting.language.language import LANGUAGES, Language, language_of

__all__ = ["LANGUAGES", "Language", "language_of"]
