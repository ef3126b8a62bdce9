"""Values that the configuration keeps under a name and paths stand on: `prefix: "%shop.desk%"` with `parameters: {shop.desk: /desk}`.

Option `parameters` of the rule: the YAML files whose entries `parameters` are such. A name that no file says, or that two of them give
different values, stays as it is written.
"""

from __future__ import annotations

import re
from fnmatch import fnmatch
from weakref import WeakKeyDictionary

import yaml

from backend_readiness.graph.routes.scan import Scan
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.yaml_files import LOADER
from backend_readiness.snapshot.places import is_for_development, is_test
from backend_readiness.snapshot.yaml_nesting import is_nested_too_deep

MAX_FILES = 40
MAX_CHARS = 200_000
MAX_ROUNDS = 4
_NAMED = re.compile(r"%([\w.-]{1,120})%")
_SECTION = "parameters"
_KNOWN: WeakKeyDictionary[Scan, dict[tuple[str, ...], dict[str, str]]] = WeakKeyDictionary()  # by the globs of the rule


def filled(scan: Scan, rule: RouteRule, text: str) -> str:
    """The text with the values of the names in it."""
    for _ in range(MAX_ROUNDS):
        if "%" not in text:
            break
        text = _NAMED.sub(lambda m: _values(scan, rule).get(m.group(1), m.group(0)), text)
    return text


def _values(scan: Scan, rule: RouteRule) -> dict[str, str]:
    globs = tuple(rule.options.get(_SECTION, ()))
    held = _KNOWN.setdefault(scan, {})
    known = held.get(globs)
    if known is None:
        known = held[globs] = {}
        listed = [f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in globs)]
        different: set[str] = set()
        for path in [p for p in listed if not is_test(p) and not is_for_development(p)][:MAX_FILES]:
            for name, value in _written(scan.graph.text(path)).items():
                if known.setdefault(name, value) != value:
                    different.add(name)
        for name in different:
            del known[name]
    return known


def _written(text: str) -> dict[str, str]:
    """The scalars of the entry `parameters` of a file."""
    if len(text) > MAX_CHARS or _SECTION not in text or is_nested_too_deep(text):
        return {}
    try:
        root = yaml.compose(text, Loader=LOADER)
    except (yaml.YAMLError, RecursionError):
        return {}
    sections = root.value if isinstance(root, yaml.MappingNode) else []
    given = [node for key, node in sections if getattr(key, "value", "") == _SECTION and isinstance(node, yaml.MappingNode)]
    return {str(k.value): str(v.value) for node in given for k, v in node.value if isinstance(v, yaml.ScalarNode)}
