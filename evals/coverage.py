"""How much of a repository's interface leads to its backend: `python -m evals.coverage REPOSITORY...`

Prints a table: endpoints, those without a handler, calls of the interface (forms, scripts, clients) matched to an endpoint, the reasons of
the others, and the seconds of a cold run. What only the server or a program sends, and what asks a host of somebody else, is no call of
the interface to this backend: both are numbered in columns of their own. Links that lead to no endpoint are navigation and do not count.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from backend_readiness.errors import UnusableInput
from backend_readiness.workspace import Workspace


def row(repository: Path) -> tuple[str, int, int]:
    """One line of the table, the calls matched, and all calls. Errors: `UnusableInput`."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as cache:
        workspace = Workspace(repository, cache_dir=Path(cache))
        linking, routes = workspace.tracer.linking, workspace.tracer.routes
        commit = (workspace.snapshot.commit or "-")[:8]
    seconds = time.perf_counter() - started
    matched = {(str(m.call.place), m.call.symbol): m.call.place.file for m in linking.matches}
    asked = sum(not workspace.tracer.senders.is_interface(file) for file in matched.values())
    reasons = Counter(u.reason for u in linking.unmatched)
    elsewhere = reasons.pop("other host", 0)
    rest = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()) or "-"
    bare = sum(b.route.handler is None for b in routes)
    mine = len(matched) - asked
    total = mine + sum(reasons.values())
    others = asked + len(linking.of_server)
    line = f"| {repository.name} {commit} | {len(routes)} | {bare} | {mine} of {total} | {rest} | {elsewhere} | {others} | {seconds:.1f} |"
    return line, mine, total


def main(arguments: list[str]) -> int:
    if not arguments:
        print("name one or more repositories: python -m evals.coverage REPOSITORY...", file=sys.stderr)
        return 2
    print("| repository, commit | endpoints | without handler | calls matched | the others | other host | sent by servers | seconds |")
    print("| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |")
    status = matched = total = 0
    for name in arguments:
        try:
            line, mine, all_calls = row(Path(name).resolve())
        except UnusableInput as error:
            print(error, file=sys.stderr)
            status = 2
            continue
        matched, total = matched + mine, total + all_calls
        print(line, flush=True)
    print(f"\n{matched:,} of {total:,} calls are matched" + (f" ({matched / total:.2f})." if total else "."))
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
