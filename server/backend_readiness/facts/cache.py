"""Facts that outlive the process: one SQLite file, shared by all repositories and safe for several processes at once.

It is a cache and nothing else: a file that is damaged is begun anew, one that cannot be written or stays locked is done without.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from backend_readiness.facts.extraction import Extracted

MAX_BYTES = 1 << 30
_FILE = "facts.sqlite3"
_LAYOUT = 1
_BUSY_S = 5.0
_AT_ONCE = 500
_TODAY = "CAST(strftime('%s', 'now') AS INTEGER) / 86400"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS indexes (key BLOB PRIMARY KEY, used INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS by_use ON indexes (used)",
    "CREATE TABLE IF NOT EXISTS facts (key BLOB PRIMARY KEY, body BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS suffixes (version TEXT NOT NULL, suffix TEXT NOT NULL, PRIMARY KEY (version, suffix)) WITHOUT ROWID",
)


class Cache:
    """Rows by key: the index of a file, and its facts. No method raises for what is wrong with the file."""

    def __init__(self, folder: Path | None, *, max_bytes: int = MAX_BYTES) -> None:
        """`folder` None: in memory."""
        self._max_bytes = max_bytes
        self._lock = threading.RLock()
        self._path = folder / _FILE if folder else None
        self._unwritten: dict[bytes, Extracted] = {}
        self._connection = self._open()

    def indexes(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The bodies of the indexes that are known."""
        found: dict[bytes, bytes] = {}
        stale: list[tuple[bytes]] = []
        with self._lock:
            try:
                (today,) = self._connection.execute(f"SELECT {_TODAY}").fetchone()
                for start in range(0, len(keys), _AT_ONCE):
                    part = keys[start : start + _AT_ONCE]
                    marks = ",".join("?" * len(part))
                    for key, used, body in self._connection.execute(f"SELECT key, used, body FROM indexes WHERE key IN ({marks})", part):
                        found[key] = body
                        if used != today:
                            stale.append((key,))
            except sqlite3.OperationalError:
                pass  # locked: what was found so far is true all the same
            except sqlite3.DatabaseError:
                self._begin_anew()
            self._write(f"UPDATE indexes SET used = {_TODAY} WHERE key = ?", stale)
        return found

    def facts(self, key: bytes) -> bytes | None:
        with self._lock:
            if key in self._unwritten:
                return self._unwritten[key].facts
            try:
                row = self._connection.execute("SELECT body FROM facts WHERE key = ?", (key,)).fetchone()
            except sqlite3.Error:
                return None
        return row[0] if row else None

    def put(self, rows: Sequence[tuple[bytes, Extracted]]) -> None:
        """Keep the rows; those that cannot be written stay in memory."""
        with self._lock:
            written = self._write("INSERT OR REPLACE INTO facts VALUES (?, ?)", [(key, row.facts) for key, row in rows]) and self._write(
                f"INSERT OR REPLACE INTO indexes VALUES (?, {_TODAY}, ?)", [(key, row.index) for key, row in rows]
            )
            if not written:
                self._unwritten.update(rows)

    def suffixes(self, version: str) -> frozenset[str]:
        """The suffixes that the adapters of a version take; empty when they are not known."""
        with self._lock:
            try:
                rows = self._connection.execute("SELECT suffix FROM suffixes WHERE version = ?", (version,)).fetchall()
            except sqlite3.Error:
                return frozenset()
        return frozenset(suffix for (suffix,) in rows)

    def put_suffixes(self, version: str, suffixes: Iterable[str]) -> None:
        with self._lock:
            self._write("INSERT OR REPLACE INTO suffixes VALUES (?, ?)", [(version, suffix) for suffix in suffixes])

    def prune(self) -> None:
        """Forget what was not used for longest, past the bound: down to three quarters of it."""
        with self._lock:
            try:
                if self._bytes() <= self._max_bytes:
                    return
                while self._bytes() > self._max_bytes * 3 // 4:
                    oldest = self._connection.execute("SELECT key FROM indexes ORDER BY used, rowid LIMIT 100").fetchall()
                    if not oldest:
                        break
                    if not (
                        self._write("DELETE FROM facts WHERE key = ?", oldest) and self._write("DELETE FROM indexes WHERE key = ?", oldest)
                    ):
                        break
            except sqlite3.Error:
                pass  # the next run tries again

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _bytes(self) -> int:
        values = [self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")]
        return (int(values[0]) - int(values[1])) * int(values[2])

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> bool:
        if not rows:
            return True
        for _ in range(2):
            try:
                with self._connection:
                    self._connection.executemany(statement, rows)
                return True
            except sqlite3.OperationalError:
                return False  # locked, full, or not to be written
            except sqlite3.DatabaseError:
                self._begin_anew()
        return False

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return _connect(":memory:")
        for _ in range(2):
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                return _connect(str(self._path))
            except sqlite3.OperationalError:
                break  # locked, or not to be written
            except sqlite3.DatabaseError:
                self._remove()
            except OSError:
                break
        self._path = None
        return _connect(":memory:")

    def _begin_anew(self) -> None:
        self._connection.close()
        self._remove()
        self._connection = self._open()

    def _remove(self) -> None:
        if self._path is None:
            return
        for end in ("", "-wal", "-shm", "-journal"):
            try:
                self._path.with_name(self._path.name + end).unlink(missing_ok=True)
            except OSError:
                self._path = None
                return


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=_BUSY_S, check_same_thread=False)
    try:
        connection.execute("PRAGMA page_size = 8192")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            pass  # another process is at it, or the folder may not be written: the next statement tells
        connection.execute("PRAGMA synchronous = NORMAL")
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout not in (0, _LAYOUT):
            raise sqlite3.DatabaseError("another layout")
        if layout == 0:
            with connection:
                for statement in _SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {_LAYOUT}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
