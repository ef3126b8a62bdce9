"""Recorded searches: what was looked for and not found, and the hits that do not count.

`report.absence` runs each record again; both match through `snapshot.matching`, so what one did not find the other does not.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Protocol

import msgspec

from backend_readiness.controls.comment_lines import commented_out
from backend_readiness.controls.places import is_production
from backend_readiness.model import RejectedHit, Search
from backend_readiness.snapshot import Snapshot
from backend_readiness.snapshot.matching import MAX_PATTERN_CHARS, Block, blocks, compile_patterns, version
from backend_readiness.snapshot.places import is_workplace

MAX_REJECTED = 40
MAX_KEPT_BYTES = 48_000_000
MAX_REMEMBERED = 2_000
Found = tuple[str, int, str]
_SERVED = re.compile(r"(?i)(^|/)(public|static|wwwroot|www|htdocs)/(\S*/)?(js|javascripts?|scripts?|vendor|libs?|assets|dist)/[^/]+\.js$")
# Markup of a drawing: what its numbers are says nothing.
_DRAWING = re.compile(r"""\s(?:d|points|transform)=["'{`][^"'`]{0,40}\d|^\s*["'`]?[MmLlHhVvCcSsQqTtAaZz\d.,\s-]{60,}""")
_COMMENT = re.compile(r"\s*(#|//|\*|/\*|--|<!--|%|;|\"\"\"|''')")
# An annotation of Doctrine's kind is code that stands in a comment; the tags of documentation are written in small letters.
_ANNOTATION = re.compile(r"\s*/?\*+\s*@[A-Z]\w*(\\\w+)*\(")


class Memory(Protocol):
    """What outlives the process, see `facts.store.Facts`."""

    def recall(self, key: bytes) -> bytes | None: ...
    def keep(self, key: bytes, body: bytes) -> None: ...


class Absences:
    """Searches over one snapshot; the same question is asked once.

    What a search finds in a block of files is a function of its patterns and of their bytes. With a `memory` it is kept there, so that
    after a change only the blocks are searched again that hold a changed file.
    """

    def __init__(self, snapshot: Snapshot, memory: Memory | None = None) -> None:
        self.snapshot = snapshot
        self._memory = memory
        self._blocks: dict[str, frozenset[int]] = {}
        self._hits: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Found]] = {}
        self._kept: OrderedDict[tuple[str, ...], list[tuple[bytes, Block]]] = OrderedDict()

    def all_hits(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> list[Found]:
        """(file, line, text) of every line that matches one of the patterns, tests and comments included, in order.

        A pattern that is too long, as one made of a text of the repository may be, is left out.
        Errors: `BadSearch` for patterns that cannot be run, in a hook a bug.
        """
        key = (patterns, paths)
        known = self._hits.get(key)
        if known is None:
            known = self._hits[key] = list(self._search(patterns, paths))
        return known

    def _search(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> Iterator[Found]:
        pattern = compile_patterns(tuple(p for p in patterns if len(p) <= MAX_PATTERN_CHARS))
        if pattern is None:
            return
        key = self._key(patterns, paths) if self._memory is not None else b""
        body = self._memory.recall(key) if self._memory is not None else None
        known = _decoded(body) if body else {}
        found: dict[bytes, list[Found]] = {}
        for digest, block in self._blocks_of(paths):
            hits = known.get(digest)
            found[digest] = hits if hits is not None else list(block.matching_lines(pattern))
            yield from found[digest]
        if self._memory is not None and found.keys() != known.keys() and sum(map(len, found.values())) <= MAX_REMEMBERED:
            self._remember(self._memory, key, found)

    def _key(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> bytes:
        question = f"search {version()}\0{self.snapshot.root}\0{patterns!r}\0{paths!r}"
        return blake2b(question.encode("utf-8", "replace"), digest_size=32).digest()

    def _remember(self, memory: Memory, key: bytes, found: dict[bytes, list[Found]]) -> None:
        try:
            memory.keep(key, msgspec.msgpack.encode(found))
        except UnicodeEncodeError:
            pass  # the name of a file is no UTF-8: searched again the next time

    def _blocks_of(self, paths: tuple[str, ...]) -> Iterable[tuple[bytes, Block]]:
        """The texts of the files; those asked for last are kept, more than one set of files up to `MAX_KEPT_BYTES`."""
        made = self._kept.pop(paths, None) or list(self._cut(paths))
        self._kept[paths] = made
        while sum(b.held_bytes for held in self._kept.values() for _, b in held) > MAX_KEPT_BYTES and len(self._kept) > 1:
            self._kept.popitem(last=False)
        return made

    def _cut(self, paths: tuple[str, ...]) -> Iterator[tuple[bytes, Block]]:
        files = {f.path: f for f in self.snapshot.files}
        for block in blocks(self.snapshot, sorted(self.snapshot.glob(*paths)), lambda path: files[path].size):
            named = "".join(f"{path}\0{files[path].blob}\n" for path in block.paths)
            yield blake2b(named.encode("utf-8", "surrogateescape"), digest_size=16).digest(), block

    def is_found(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> bool:
        """Is there any of `hits`? The search ends with the first."""
        pattern = compile_patterns(tuple(p for p in patterns if len(p) <= MAX_PATTERN_CHARS))
        if pattern is None:
            return False
        return any(self._why_rejected(*h) is None for _, block in self._blocks_of(paths) for h in block.matching_lines(pattern))

    def first_hits(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> Iterator[Found]:
        """`hits` one after the other: those behind the last that is taken are not looked for."""
        known = self._hits.get((patterns, paths))
        yield from (h for h in (self._search(patterns, paths) if known is None else known) if self._why_rejected(*h) is None)

    def hits(self, patterns: tuple[str, ...], paths: tuple[str, ...]) -> list[tuple[str, int, str]]:
        """Matching lines of production files that are no comments."""
        return [h for h in self.all_hits(patterns, paths) if self._why_rejected(*h) is None]

    def prove(
        self,
        scope: str,
        *,
        roles: tuple[str, ...],
        patterns: tuple[str, ...],
        paths: tuple[str, ...],
        unread: tuple[str, ...] = (),
        of_server: bool = False,
    ) -> Search | None:
        """The search as a record, or None when it found something that counts or could not look everywhere.

        `of_server`: it is something of the server, so that scripts in folders that are served to browsers do not count.
        Without patterns and roles the claim is that no production file matches `paths`.
        """
        if unread or any(len(p) > MAX_PATTERN_CHARS for p in patterns):
            return None
        covered = self.snapshot.glob(*paths)
        found = self.all_hits(patterns, paths)
        if not patterns and not roles:
            found = [(path, 1, "") for path in sorted(covered)]
        rejected: list[RejectedHit] = []
        for path, line, text in found:
            why = self._why_rejected(path, line, text) or ("a script for browsers" if of_server and _SERVED.search(path) else None)
            if why is None:
                return None
            rejected.append(RejectedHit(file=path, line=line, why=why))
        if len(rejected) > MAX_REJECTED:
            return None
        return Search(
            scope=scope,
            roles=roles,
            paths=paths,
            patterns=patterns,
            files_searched=len(covered),
            rejected=tuple(rejected),
        )

    def _why_rejected(self, path: str, line: int, text: str) -> str | None:
        if not is_production(path):
            return "a test, a sample or a document"
        if is_workplace(path):
            return "a machine to work on the source"
        if _DRAWING.search(text) is not None:
            return "the numbers of a drawing"
        attribute = path.endswith((".rs", ".php")) and text.lstrip().startswith(("#[", "#!["))
        if path.endswith(".php") and _ANNOTATION.match(text) is not None:
            return None
        if (_COMMENT.match(text) is not None and not attribute) or line in self._commented_out(path):
            return "a comment"
        return None

    def _commented_out(self, path: str) -> frozenset[int]:
        known = self._blocks.get(path)
        if known is None:
            known = self._blocks[path] = commented_out(path, self.snapshot.lines(path))
        return known


_decoder = msgspec.msgpack.Decoder(dict[bytes, list[Found]])


def _decoded(body: bytes) -> dict[bytes, list[Found]]:
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}  # searched again
