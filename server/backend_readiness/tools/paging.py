"""Answers in pages: as many rows as fit into a number of characters, and an opaque cursor for the rest."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field

from backend_readiness.errors import UnusableInput

T = TypeVar("T")
R = TypeVar("R", bound=BaseModel | str)

DEFAULT_CHARS = 7_000
MAX_CHARS = 36_000  # with the head of an answer below 40,000

MaxChars = Annotated[int, Field(ge=1_000, le=MAX_CHARS, description="About how many characters of rows the answer may hold")]
Cursor = Annotated[str | None, Field(max_length=200, description="`next_cursor` of the answer before, to go on where it ended")]


class BadCursor(UnusableInput):
    """A cursor of another question, or of a repository that has changed since."""


class Pages:
    """The pages of one question. `question` is all that decides the rows: the tool, its arguments and the digest of the repository."""

    def __init__(self, *question: object, cursor: str | None, max_chars: int) -> None:
        self._mark = blake2b(repr(question).encode("utf-8", "replace"), digest_size=6).hexdigest()
        self.start = self._decode(cursor) if cursor else 0
        self.max_chars = max_chars

    def take(self, rows: Sequence[T], make: Callable[[T], R]) -> tuple[list[R], str | None]:
        """(the rows that fit from the cursor on, the cursor of the next page). At least one row, so that every page goes on."""
        return self.take_from(rows[self.start :], make)

    def take_from(self, rows: Iterable[T], make: Callable[[T], R]) -> tuple[list[R], str | None]:
        """As `take`, for rows that begin at the cursor already and may be computed while they are read."""
        taken: list[R] = []
        used = 0
        for row in rows:
            made = make(row)
            size = size_of(made)
            if taken and used + size > self.max_chars:
                return taken, self._encode(self.start + len(taken))
            taken.append(made)
            used += size
        return taken, None

    def _encode(self, offset: int) -> str:
        return base64.urlsafe_b64encode(f"{offset}.{self._mark}".encode()).decode().rstrip("=")

    def _decode(self, cursor: str) -> int:
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
            offset, _, mark = text.partition(".")
            if mark == self._mark and 0 <= (start := int(offset)) < 10_000_000:
                return start
        except (binascii.Error, ValueError):
            pass
        raise BadCursor("the cursor is not of this question, or the repository has changed since: ask again without a cursor")


def size_of(row: BaseModel | str) -> int:
    """Characters of a row in the text of an answer."""
    return (len(json.dumps(row, ensure_ascii=False)) if isinstance(row, str) else len(compact(row))) + 1


def compact(answer: BaseModel) -> str:
    """The answer as the text of a tool's result: JSON without blanks, without what is as it is by default."""
    return answer.model_dump_json(by_alias=True, exclude_defaults=True)
