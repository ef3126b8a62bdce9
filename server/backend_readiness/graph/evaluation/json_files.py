"""What a file of JSON gives to the code that loads it: `const config = require("./config.json")`."""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Lit, Record, Seq, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.values import AV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

FAMILIES = frozenset({"javascript"})
_ENDING = ".json"
MAX_CHARS = 60_000
MAX_DEPTH = 8
MAX_ITEMS = 200


def loaded(ev: Evaluator, name: str, importer: str) -> AV | None:
    """The value of the file of that name beside the one that imports it; None where it is no such file."""
    if not name.startswith(".") or family(ev.world.view(importer).language) not in FAMILIES:
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(importer), name))
    path = path if path.endswith(_ENDING) else path + _ENDING
    if path not in ev.world.files_named(posixpath.basename(path)):
        return None
    text = ev.world.text(path)
    try:
        data = json.loads(text) if len(text) <= MAX_CHARS else None
    except ValueError:
        return None
    return ev.value(_written(data, 0), importer, 0) if isinstance(data, dict | list) else None


def _written(data: object, depth: int) -> Value:
    """The data as an expression."""
    if isinstance(data, dict) and depth < MAX_DEPTH:
        return Record(tuple((str(k), _written(v, depth + 1)) for k, v in list(data.items())[:MAX_ITEMS]))
    if isinstance(data, list) and depth < MAX_DEPTH:
        return Seq(tuple(_written(v, depth + 1) for v in data[:MAX_ITEMS]))
    return Lit(data) if isinstance(data, str | int | float | bool) else Lit(None)
