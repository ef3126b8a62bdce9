"""The facts of a whole repository: indexes of every file at hand, the facts of one decoded when they are asked for."""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType

from platformdirs import user_cache_path

from backend_readiness.errors import UnusableInput
from backend_readiness.facts import languages, pool
from backend_readiness.facts.cache import Cache
from backend_readiness.facts.extraction import Damaged, Extracted, decode_facts, decode_index, extract
from backend_readiness.facts.file_index import Definition, FileIndex
from backend_readiness.facts.model import FileFacts
from backend_readiness.model import Skipped
from backend_readiness.snapshot import ChangedWhileRead, Snapshot

_MAX_WORKERS = 8
_WRITTEN_AT_ONCE = 200
_KEPT_BYTES = 32 << 20  # of encoded facts; decoded they take up to eighteen times that


class Facts:
    """What `collect` gives. `files` has the indexes by path, sorted; `skipped` the files whose facts could not be extracted."""

    def __init__(
        self, snapshot: Snapshot, cache: Cache, keys: Mapping[str, bytes], files: Mapping[str, FileIndex], skipped: tuple[Skipped, ...]
    ) -> None:
        self.files = files
        self.skipped = skipped
        self.languages: tuple[str, ...] = tuple(sorted({index.language for index in files.values()}))
        self._snapshot = snapshot
        self._cache = cache
        self._keys = keys
        self._recent: OrderedDict[str, tuple[FileFacts, int]] = OrderedDict()
        self._recent_bytes = 0
        self._lock = threading.RLock()
        weakref.finalize(self, cache.close)

    def of(self, path: str) -> FileFacts:
        """The facts of one file; those used last are kept.

        Errors: `UnusableInput` for a path without facts; `ChangedWhileRead` when they must be extracted again and the file has changed.
        """
        with self._lock:
            if path in self._recent:
                self._recent.move_to_end(path)
                return self._recent[path][0]
            facts, size = self._load(path)
            self._recent[path] = (facts, size)
            self._recent_bytes += size
            while self._recent_bytes > _KEPT_BYTES and len(self._recent) > 1:
                self._recent_bytes -= self._recent.popitem(last=False)[1][1]
            return facts

    def naming(self, name: str) -> tuple[str, ...]:
        """Paths, sorted, of the files in which the name stands as an identifier, member, imported name, attribute or tag."""
        paths = self._paths
        return tuple(paths[number] for number in self._naming.get(name, ()))

    def calling(self, name: str) -> tuple[str, ...]:
        """Those of `naming` in which a callee ends in the name."""
        return tuple(path for path in self.naming(name) if self.files[path].calls(name))

    def defining(self, name: str) -> tuple[tuple[str, Definition], ...]:
        """(path, definition) of every definition of that name, sorted by path, in a file in the order of its index."""
        return tuple(self._defining.get(name, ()))

    def remembered(self, question: str, make: Callable[[], bytes]) -> bytes:
        """The answer to a question about this snapshot, made once for the same bytes of the repository.

        `question` must name the version of the code that answers; the answer is a pure function of both.
        """
        key = blake2b(f"{question}\0{self._snapshot.digest}".encode(), digest_size=32).digest()
        known = self._cache.facts(key)
        if known is None:
            known = make()
            self._cache.put([(key, Extracted(b"", known))])
        return known

    def recall(self, key: bytes) -> bytes | None:
        """What was kept under a key, by this process or another."""
        return self._cache.facts(key)

    def keep(self, key: bytes, body: bytes) -> None:
        self._cache.put([(key, Extracted(b"", body))])

    def _load(self, path: str) -> tuple[FileFacts, int]:
        if path not in self.files:
            raise UnusableInput(f"{path} has no facts: it was not read, or no adapter takes such files")
        key = self._keys[path]
        body = self._cache.facts(key)
        try:
            if body:
                return decode_facts(body)
        except Damaged:
            pass  # extracted again
        extracted = extract(self._snapshot.source(path), languages.tail_of(path))
        if not extracted.facts:
            raise UnusableInput(f"{path} has no facts: {decode_index(extracted.index)}")
        self._cache.put([(key, extracted)])
        return decode_facts(extracted.facts)

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(self.files)

    @cached_property
    def _naming(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, index in enumerate(self.files.values()):
            for name in index.names:
                if name in found:
                    found[name].append(number)
                else:
                    found[name] = [number]
        return found

    @cached_property
    def _defining(self) -> dict[str, list[tuple[str, Definition]]]:
        found: dict[str, list[tuple[str, Definition]]] = {}
        for path, index in self.files.items():
            for definition in index.definitions:
                found.setdefault(definition.name, []).append((path, definition))
        return found


def collect(
    snapshot: Snapshot,
    *,
    cache_dir: Path | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Facts:
    """The facts of every file of the snapshot that an adapter takes, from the cache or extracted now.

    `cache_dir` defaults to the user's cache folder, `workers` to the number of processors. `progress` is told (files done, files in all).
    A file that cannot be extracted is in `Facts.skipped`, with the reason; nothing is raised for it.
    """
    cache = Cache(cache_dir if cache_dir is not None else user_cache_path("backend-readiness", appauthor=False))
    version = languages.version()
    known = cache.suffixes(version)
    if not known:
        known = languages.suffixes()
        cache.put_suffixes(version, known)

    keys: dict[str, bytes] = {}
    tails: dict[str, str] = {}
    for file in snapshot.files:
        tail = languages.tail_of(file.path)
        if languages.suffix_of(tail, known) is not None:
            tails[file.path] = tail
            keys[file.path] = blake2b(f"{version} {file.blob} {tail}".encode(), digest_size=16).digest()

    results: dict[bytes, FileIndex | str] = {}
    for key, body in cache.indexes(list(set(keys.values()))).items():
        try:
            results[key] = decode_index(body)
        except Damaged:
            continue  # extracted again
    sharing: dict[bytes, list[str]] = {}
    for path, key in keys.items():
        if key not in results:
            sharing.setdefault(key, []).append(path)
    work = _Work(snapshot, cache, sharing, tails)
    done = len(keys) - sum(map(len, sharing.values()))
    if progress:
        progress(done, len(keys))
    for key, result in work.run(workers or processors()):
        results[key] = result
        done += len(sharing[key])
        if progress:
            progress(done, len(keys))

    files = {path: index for path, key in keys.items() if isinstance(index := results[key], FileIndex)}
    skipped = tuple(Skipped(path=path, reason=reason) for path, key in keys.items() if isinstance(reason := results[key], str))
    return Facts(snapshot, cache, MappingProxyType(keys), MappingProxyType(files), skipped)


def processors() -> int:
    """How many processors this process may use, at most 8."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(_MAX_WORKERS, usable or 1)


class _Work:
    """What is not in the cache: one task for each content, whichever of its paths can still be read."""

    def __init__(self, snapshot: Snapshot, cache: Cache, sharing: Mapping[bytes, list[str]], tails: Mapping[str, str]) -> None:
        self.snapshot = snapshot
        self.cache = cache
        self.sharing = sharing
        self.tails = tails
        self.changed: set[bytes] = set()

    def run(self, workers: int) -> Iterator[tuple[bytes, FileIndex | str]]:
        keys = list(self.sharing)
        tasks = [self._task(key) for key in keys]
        rows: list[tuple[bytes, Extracted]] = []
        for number, extracted in pool.run(tasks, workers=workers):
            key = keys[number]
            if key not in self.changed:
                rows.append((key, extracted))
            if len(rows) >= _WRITTEN_AT_ONCE:
                self.cache.put(rows)
                rows.clear()
            yield key, decode_index(extracted.index)
        self.cache.put(rows)
        if keys:
            self.cache.prune()

    def _task(self, key: bytes) -> pool.Task:
        path = self.sharing[key][0]
        file = self.snapshot.file(path)
        return pool.Task(tail=self.tails[path], size=file.size if file else 0, read=lambda: self._read(key))

    def _read(self, key: bytes) -> bytes | str:
        why = ""
        for path in self.sharing[key]:
            try:
                return self.snapshot.source(path)
            except ChangedWhileRead as error:
                why = str(error)
        self.changed.add(key)
        return why
