"""Extracts the facts of many files with worker processes, so that no file can take the others down."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

import backend_readiness
from backend_readiness.facts import languages
from backend_readiness.facts.extraction import Extracted, extract
from backend_readiness.facts.worker import Job, receive, send

# Below this, starting processes costs more than it saves.
ALONE_BELOW_BYTES = 400_000
STALLED_AFTER_S = 60.0
_START_LIMIT_S = 30.0
_MAX_CHUNK_BYTES = 512 << 10
_MAX_CHUNK_FILES = 200
_PROGRAM = (
    "import sys, json; a = json.loads(sys.argv[1]); sys.path[:] = a[0]; from backend_readiness.facts.worker import serve; serve(a[1])"
)
_decoder = msgspec.msgpack.Decoder(Extracted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`read` gives the source, and a reason in its place when the file changed. `size` in bytes is for sharing out the work."""

    tail: str
    size: int
    read: Callable[[], bytes | str]


def run(tasks: Sequence[Task], *, workers: int) -> Iterator[tuple[int, Extracted]]:
    """(index of the task, result) for every task, in the order in which they are done."""
    if sum(task.size for task in tasks) < ALONE_BELOW_BYTES or not sys.executable:
        for number, task in enumerate(tasks):
            yield number, _alone(task)
        return
    yield from _Pool(tasks, workers).run()


def _alone(task: Task) -> Extracted:
    source = task.read()
    return Extracted.failed(source) if isinstance(source, str) else extract(source, task.tail)


def _chunks(tasks: Sequence[Task], workers: int) -> deque[list[int]]:
    """Largest files first, so that no worker ends with a long one alone."""
    size_bytes = min(_MAX_CHUNK_BYTES, max(1, sum(task.size for task in tasks) // (workers * 8)))
    chunks: deque[list[int]] = deque()
    room = 0
    for number in sorted(range(len(tasks)), key=lambda n: (-tasks[n].size, n)):
        if not chunks or tasks[number].size > room or len(chunks[-1]) >= _MAX_CHUNK_FILES:
            chunks.append([])
            room = size_bytes
        chunks[-1].append(number)
        room -= tasks[number].size
    return chunks


@dataclass(eq=False)
class _Child:
    """One process. `since` is when it last gave a sign of life; `killed_for` why we ended it."""

    process: subprocess.Popen[bytes]
    since: float
    limit_s: float = _START_LIMIT_S
    killed_for: str = ""
    busy: bool = field(default=True)


class _Pool:
    def __init__(self, tasks: Sequence[Task], workers: int) -> None:
        self.tasks = tasks
        self.workers = max(1, workers)
        self.todo = _chunks(tasks, self.workers)
        self.lock = threading.Lock()
        self.done: queue.Queue[tuple[int, Extracted] | None] = queue.Queue(maxsize=2_000)
        self.children: set[_Child] = set()
        self.suspects: set[int] = set()
        self.closed = False

    def run(self) -> Iterator[tuple[int, Extracted]]:
        threads = [threading.Thread(target=self._drive, daemon=True) for _ in range(min(self.workers, len(self.todo)))]
        seen = bytearray(len(self.tasks))
        alive = len(threads)
        for thread in threads:
            thread.start()
        try:
            while alive:
                try:
                    result = self.done.get(timeout=0.5)
                except queue.Empty:
                    self._end_stalled()
                    continue
                if result is None:
                    alive -= 1
                    continue
                seen[result[0]] = 1
                yield result
        finally:
            self._close()
        for number, task in enumerate(self.tasks):  # no process could be started
            if not seen[number]:
                yield number, _alone(task)

    def _drive(self) -> None:
        """One thread: feeds one process after another until no work is left or none starts."""
        try:
            while self._has_work():
                child = self._start()
                if child is None:
                    return
                try:
                    self._feed(child)
                finally:
                    self._end(child)
        finally:
            self._put(None)

    def _has_work(self) -> bool:
        with self.lock:
            return bool(self.todo) and not self.closed

    def _start(self) -> _Child | None:
        package = str(Path(backend_readiness.__file__).resolve().parents[1])
        path = [package, *(entry for entry in sys.path if Path(entry).is_absolute())]
        argument = msgspec.json.encode([path, list(languages.__path__)]).decode()
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-c", _PROGRAM, argument],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=package,
            )
        except OSError:
            return None
        child = _Child(process, time.monotonic())
        with self.lock:
            self.children.add(child)
        if process.stdout is None or receive(process.stdout) is None:
            self._end(child)
            return None
        child.limit_s = STALLED_AFTER_S
        return child

    def _feed(self, child: _Child) -> None:
        """Hand chunks to a process until it dies or no work is left; what it did not get to do goes back."""
        while True:
            with self.lock:
                if not self.todo or self.closed:
                    return
                chunk = self.todo.popleft()
            jobs: list[Job] = []
            numbers: list[int] = []
            for number in chunk:
                source = self.tasks[number].read()
                if isinstance(source, str):
                    self._put((number, Extracted.failed(source)))
                else:
                    jobs.append(Job(self.tasks[number].tail, source))
                    numbers.append(number)
            answered = self._ask(child, jobs, numbers) if jobs else 0
            if answered < len(jobs):
                if self.closed:
                    return
                self._blame(numbers[answered], child)
                with self.lock:
                    if numbers[answered + 1 :]:
                        self.todo.appendleft(numbers[answered + 1 :])
                return

    def _blame(self, number: int, child: _Child) -> None:
        """A file on which a process died gets a second one for itself: the first may have died of something else."""
        with self.lock:
            if not child.killed_for and number not in self.suspects:
                self.suspects.add(number)
                self.todo.append([number])
                return
        self._put((number, Extracted.failed(child.killed_for or "the process that extracted its facts crashed")))

    def _ask(self, child: _Child, jobs: list[Job], numbers: list[int]) -> int:
        """How many of the jobs were answered; fewer than all when the process died."""
        stdin, stdout = child.process.stdin, child.process.stdout
        if stdin is None or stdout is None:
            return 0
        answered = 0
        child.since, child.busy = time.monotonic(), True
        try:
            send(stdin, jobs)
            while answered < len(numbers) and (body := receive(stdout)) is not None:
                child.busy = False  # our own waiting for the reader is not the child's
                self._put((numbers[answered], _decoder.decode(body)))
                answered += 1
                child.since, child.busy = time.monotonic(), True
        except (OSError, ValueError, msgspec.MsgspecError):
            pass  # it died while it was spoken to
        child.busy = False
        return answered

    def _put(self, result: tuple[int, Extracted] | None) -> None:
        while not self.closed:
            try:
                self.done.put(result, timeout=1)
                return
            except queue.Full:
                continue

    def _end_stalled(self) -> None:
        now = time.monotonic()
        with self.lock:
            for child in self.children:
                if child.busy and now - child.since > child.limit_s:
                    child.killed_for = f"its facts took more than {child.limit_s:g} s"
                    child.process.kill()

    def _end(self, child: _Child) -> None:
        with self.lock:
            self.children.discard(child)
        _close(child.process)

    def _close(self) -> None:
        self.closed = True
        with self.lock:
            children = list(self.children)
            self.children.clear()
        for child in children:
            _close(child.process)


def _close(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                pass  # what was still to be written cannot be any more
    process.wait()
