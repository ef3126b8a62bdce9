"""Which files of the repository may run the flow's backend: its own tests, those beside its code, and those that ask it from outside."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_test
from backend_readiness.controls.work.idle_lines import only_describes, only_loads
from backend_readiness.graph.families import are_kin
from backend_readiness.rules.signs import sign

_CODE = (
    ".py", ".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".go", ".java", ".kt", ".rb", ".php", ".cs", ".rs", ".feature",
    ".http", ".hurl", ".json", ".yml", ".yaml", ".robot", ".exs",
)  # fmt: skip
_INLINE = (r"^\s*#\[cfg\(test\)\]",)  # tests beside the code
_DRIVES = re.compile(sign("test_files", "drives"))
_ASIDE = re.compile(r"/(?:__tests__|tests?)$")
VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def test_files(context: Context) -> tuple[list[str], dict[str, int], list[str]]:
    """(files that may run the backend, of those with tests beside the code the line on which these begin, tests of other programs)."""
    inline = {file: line for file, line, _ in context.hits(_INLINE)}
    tests = [f.path for f in context.snapshot.files if is_test(f.path) and f.path.endswith(_CODE)]
    tests += [file for file in inline if file not in tests]
    kept: list[str] = []
    others: list[str] = []
    for path in tests:
        text = context.snapshot.text(path)
        if not only_loads(text) and not only_describes(path, text):
            (others if _is_of_another(context, path, text) else kept).append(path)
    return kept, inline, others


def _is_of_another(context: Context, path: str, text: str) -> bool:
    """Is it a test of another program of the repository, in another language, which drives no browser?"""
    if context.is_backend(path) and context.backend_root:
        return False
    holding = [a for a in context.snapshot.applications if a.root and a.holds(path)]
    own = max(holding, key=lambda a: len(a.root), default=None)
    if own is None or context.backend_root == own.root or context.backend_root.startswith(f"{own.root}/") or is_test(f"{own.root}/x"):
        return False
    return not any(are_kin(language, context.language) for language in own.languages) and _DRIVES.search(text) is None


def asks_the_file(context: Context, test: str, files: tuple[str, ...]) -> bool:
    """Does the test take a handler, which is named like any other, out of one of the files: does it stand beside it or import it?"""
    text = context.snapshot.text(test)[:20_000]
    for file in files:
        folder, _, name = file.rpartition("/")
        stem = name.partition(".")[0]
        near = folder.split("/")[-2:]
        imported = re.search(rf"[\"'](?:[^\"'\n]*/)?{re.escape('/'.join([*near, stem]))}(?:\.\w+)?[\"']", text)
        if _ASIDE.sub("", test.rpartition("/")[0]) == folder or imported is not None:
            return True
    return False
