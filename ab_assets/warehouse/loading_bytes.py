"""Files as bytes: what can be said of them before any format is read.

What belongs here: whether a file is what its name says, and text that is checked as it streams.
What does not: formats (loading_sources.py).
"""

import codecs
import gzip
import io
import os
from pathlib import Path
from typing import BinaryIO, cast

from ab_assets.errors import LoadError

_PARQUET = b"PAR1"
_LONGEST_SHOWN = 1000
_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def check_file(path: Path) -> None:
    """Checks that there is a file of a name that can be booked.

    Raises:
        LoadError: There is none.
    """
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        message = f"{str(path)!r}: its name is not UTF-8; rename it"
        raise LoadError(message) from None
    try:
        is_file = path.is_file()
    except (OSError, ValueError):  # a name longer than any, or with a NUL
        is_file = False
    if not is_file:
        message = f"{str(path)[:_LONGEST_SHOWN]}: there is no such file"
        raise LoadError(message)


def check_text(path: Path) -> None:
    """Checks that a file of text is not, by its first bytes, something else.

    Raises:
        LoadError: It is; a reader would only see nonsense in it.
    """
    with path.open("rb") as file:
        begin = file.read(len(_PARQUET))
    problem = ""
    if begin == _PARQUET:
        problem = "it is a Parquet file by its content; name it .parquet"
    elif begin.startswith(_GZIP) and not path.name.lower().endswith(".gz"):
        problem = "it is compressed by its content; add .gz to its name"
    elif begin.startswith(_UTF_16):
        problem = "it is UTF-16; write it as UTF-8"
    if problem:
        message = f"{path}: {problem}"
        raise LoadError(message)


def open_bytes(path: Path) -> BinaryIO:
    """The content, decompressed where the name ends in ``.gz``."""
    if path.name.lower().endswith(".gz"):
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")


class Utf8File(io.RawIOBase):
    """A file that is read as bytes and refuses what is not UTF-8 with the number of the line.

    Readers of ours meet such bytes in places where they can raise nothing.

    Attributes:
        quotes: The double quotes read so far.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file = open_bytes(path)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._lines = 1
        self.quotes = 0

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes.

        Raises:
            LoadError: They are not UTF-8.
        """
        block = self._file.read(size)
        pending = self._decoder.getstate()[0]
        try:
            self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            line = self._lines + (pending + block).count(b"\n", 0, error.start)
            message = f"{self._path}: line {line} is not UTF-8"
            raise LoadError(message) from None
        self.quotes += block.count(b'"')
        self._lines += block.count(b"\n")
        return block

    def close(self) -> None:
        """Closes the file, too."""
        self._file.close()
        super().close()
