"""What a path is: production code, test, sample, document, configuration."""

from __future__ import annotations

import re
from functools import lru_cache

_TEST = re.compile(
    r"(^|/)(tests?|__tests__|spec|specs|e2e|cypress|playwright|testing|test_utils|test[-_]env(?:ironment)?s?|fixtures?|__mocks__|mocks?)(/|$)|(^|/)(test_[^/]*|[^/]*_test|[^/]*[.-](test|spec|e2e|cy|stories|story))\.\w+$|(^|/)(conftest|tests)\.py$|(^|/)phpunit[\w.-]*\.xml[\w.-]*$"
    r"|(^|/)(settings|config|environments?)/(tests?|testing)\.\w+$"
    r"|^tests?\.[cm]?[jt]s$"
    r"|(^|/)features/step_definitions/|^features/(steps|support)/|(^|/)features/([^/]+/)*([^/]*\.feature|environment\.py)$"
    r"|(^|/)[\w.]*(\.Tests?|\.?[a-z]\w*Tests)(/|$)|[a-z]Tests?\.cs$"
)
# What a build tool puts beside the sources to start itself.
_WRAPPERS = re.compile(r"(^|/)(\.mvn|\.gradle|gradle/wrapper)/")
_SAMPLE = re.compile(
    r"(^|/)(examples?|samples?|docs?|documentation|tutorials?|demos?|snippets|benchmarks?|bench(?:es)?|(?:perf|benchmark|load[-_]?test)[-_]?scripts?|storybook|\.storybook)(/|$)"
    r"|(^|/)[\w.]+\.(?:Micro)?Benchmarks?(/|$)"
    r"|^(?:perf|bench(?:mark)?s?|scratch(?:pad)?)\.\w+$",
    re.I,
)
# names of packages say nothing: `com.example.demo`, `crates/docs/src`
_PACKAGES = re.compile(
    r"((?:^|/)src/(?:main|\w*[mM]ain)/(?:java|kotlin|scala|groovy)/).*/|((?:^|/)(?:com|org|net|io|dev)/)example/"
    r"|((?:^|/)crates/)docs?/(?=src/)"
    r"|((?:^|/)src/main/webapp/).*/"
    r"|((?:^|/)src/(?:app|api|modules|features|controllers|domains?)/)(?:docs?|documentation|demos?|samples?)/"  # a part is called so
)
_KEPT = r"\1\2\3\4\5"
_TOOLS = re.compile(r"(^|/)\.(?:claude|cursor|codex|gemini|windsurf|opencode|agents)/")  # what helps to write the code
_OTHER_SOURCES = re.compile(r"(^|/)src/([\w-]*[tT]est\w*|jmh|it)/")
# What a settings module or a file of the deployment is named after when it is not what ships.
_WORKPLACE = re.compile(r"(?i)(^|/)\.(devcontainer|gitpod|codesandbox|codespaces?)([/.]|$)")
_DEVELOPMENT = re.compile(
    r"(?i)(^|[/._-])(dev|devel|development|local|test|tests|testing|e2e|override|ci|debug|dusk|playwright|devcontainer|gitpod|vagrant|codespaces?)([/._-]|$)"
)
DOCUMENTS = (".md", ".mdx", ".rst", ".txt", ".adoc")


@lru_cache(maxsize=65536)
def is_test(path: str) -> bool:
    return _TEST.search(_PACKAGES.sub(_KEPT, path)) is not None or _OTHER_SOURCES.search(path) is not None


@lru_cache(maxsize=65536)
def is_production(path: str) -> bool:
    """Code or configuration that may run in production: no test, no sample, no document."""
    return (
        not is_test(path)
        and _WRAPPERS.search(path) is None
        and _TOOLS.search(path) is None
        and _SAMPLE.search(_PACKAGES.sub(_KEPT, path)) is None
        and not path.endswith(DOCUMENTS)
    )


@lru_cache(maxsize=65536)
def sample_folder(path: str) -> str:
    """The outermost folder of the path whose name says that it holds samples or documents; empty where there is none."""
    kept = _PACKAGES.sub(_KEPT, path)
    found = _SAMPLE.search(kept)
    return path[: found.end(2)] if found is not None and found.group(3) == "/" and kept == path else ""


def is_workplace(path: str) -> bool:
    """Does the file describe the machine on which somebody works on the source? It is never what runs in production."""
    return _WORKPLACE.search(path) is not None


def is_for_development(path: str) -> bool:
    """Does the name of a file of settings or of the deployment say that it is not what ships?"""
    return _DEVELOPMENT.search(path) is not None
