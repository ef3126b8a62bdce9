"""What a path is: production code, test, sample, document, configuration."""

from __future__ import annotations

import re
from functools import lru_cache

from backend_readiness.model import EvidenceKind

_TEST = re.compile(r"(^|/)(tests?|__tests__|spec|specs|e2e|cypress|playwright|testing|test_utils|fixtures?|__mocks__|mocks?)(/|$)|(^|/)(test_[^/]*|[^/]*_test|[^/]*[.-](test|spec|e2e|cy|stories|story))\.\w+$|(^|/)conftest\.py$")
_SAMPLE = re.compile(r"(^|/)(examples?|samples?|docs?|documentation|tutorials?|demos?|snippets|benchmarks?|storybook|\.storybook)(/|$)", re.I)
_DOCUMENT = (".md", ".mdx", ".rst", ".txt", ".adoc")
_CODE = (".py", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte", ".go", ".java", ".kt", ".cs", ".php", ".rb", ".rs", ".ex", ".exs", ".scala", ".html", ".ejs", ".hbs", ".jinja", ".j2", ".sql")


@lru_cache(maxsize=65536)
def is_test(path: str) -> bool:
    return _TEST.search(path) is not None


@lru_cache(maxsize=65536)
def is_production(path: str) -> bool:
    """Code or configuration that may run in production: no test, no sample, no document."""
    return not is_test(path) and _SAMPLE.search(path) is None and not path.endswith(_DOCUMENT)


def kind_of(path: str) -> EvidenceKind:
    """Code, document, or configuration, by the name of the file."""
    if path.endswith(_DOCUMENT):
        return EvidenceKind.DOC
    return EvidenceKind.CODE if path.endswith(_CODE) else EvidenceKind.CONFIG
