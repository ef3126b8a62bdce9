"""Findings of other tools, from SARIF, under the controls that they belong to (`rules/imported_rules.yml` says which)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlparse

from backend_readiness.controls.places import kind_of
from backend_readiness.errors import UnusableInput
from backend_readiness.model import ControlResult, Evidence, FindingStatus, Verdict
from backend_readiness.rules.control_cards import load_controls
from backend_readiness.rules.imported import load_imported_rules
from backend_readiness.snapshot import Snapshot

MAX_RESULTS = 5_000
MAX_PLACES = 8  # of one control
_MAX_MESSAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One finding of another tool. `control` is None when it belongs to none of ours."""

    tool: str
    rule: str
    message: str
    file: str
    line: int
    control: str | None


def read_sarif(text: bytes | str, name: str) -> tuple[Imported, ...]:
    """The findings of a SARIF 2.1.0 log; those that its tool suppressed are left out.

    Errors: `UnusableInput` when it is no SARIF, naming the file as `name`.
    """
    try:
        log = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableInput(f"{name} is no JSON: give what a scanner wrote with its SARIF output") from error
    runs = _at(log, "runs")
    if not isinstance(runs, list):
        raise UnusableInput(f"{name} is no SARIF log: give what a scanner wrote with its SARIF output")
    found: list[Imported] = []
    for run in runs:
        for item in _results(run):
            found.append(item)
            if len(found) > MAX_RESULTS:
                raise UnusableInput(f"{name} holds more than {MAX_RESULTS} results: narrow the scan")
    return tuple(found)


def _results(run: Any) -> Iterator[Imported]:
    tool = str(_at(run, "tool", "driver", "name") or "unknown")[:60]
    results = _at(run, "results")
    for result in results if isinstance(results, list) else ():
        if not isinstance(result, dict) or result.get("suppressions") or result.get("kind", "fail") != "fail":
            continue
        place = _at(result, "locations", 0, "physicalLocation")
        uri, line = _at(place, "artifactLocation", "uri"), _at(place, "region", "startLine")
        if not isinstance(uri, str):
            continue
        rule = str(result.get("ruleId") or _at(result, "rule", "id") or "")[:200]
        message = str(_at(result, "message", "text") or rule)
        yield Imported(
            tool=tool,
            rule=rule,
            message=" ".join(message.split())[:_MAX_MESSAGE],
            file=str(PurePosixPath(unquote(urlparse(uri).path))).lstrip("/"),
            line=line if isinstance(line, int) and line > 0 else 1,
            control=control_of(tool, rule),
        )


def _at(value: Any, *way: str | int) -> Any:
    for step in way:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def control_of(tool: str, rule: str) -> str | None:
    """The control to which a rule of a tool belongs."""
    for pattern, control in _rules().get(tool.lower().split(" ")[0], {}).items():
        if re.fullmatch(pattern, rule, re.IGNORECASE):
            return control
    return None


@cache
def _rules() -> Mapping[str, Mapping[str, str]]:
    return load_imported_rules()


def with_imported(results: Iterable[ControlResult], imported: Sequence[Imported], snapshot: Snapshot) -> tuple[ControlResult, ...]:
    """The results with the findings of other tools under their controls, each marked with its tool.

    A control that was open gets the further places; one that was not settled fails in part by the word of the tool, and so does one that
    held: two readers disagree, and the stricter one is shown. Places that the snapshot does not have are left out.
    """
    by_control: dict[str, list[Imported]] = {}
    for item in imported:
        known = snapshot.file(item.file) is not None and item.line <= len(snapshot.lines(item.file))
        if item.control is not None and known:
            by_control.setdefault(item.control, []).append(item)
    return tuple(_joined(result, by_control.get(result.id, [])) for result in results)


def _joined(result: ControlResult, items: Sequence[Imported]) -> ControlResult:
    if not items:
        return result
    places = tuple(
        Evidence(kind=kind_of(i.file), file=i.file, line=i.line, end_line=i.line, note=f"{i.tool} {i.rule}: {i.message}")
        for i in items[:MAX_PLACES]
    )
    said = f"{items[0].tool} reports {items[0].rule} ({len(items)} place{'s' if len(items) > 1 else ''})."
    if result.verdict in (Verdict.FAIL, Verdict.PARTIAL):
        return replace(result, why=f"{result.why} {said}", evidence=(*result.evidence, *places))
    card = load_controls()[result.id]
    return replace(
        result,
        verdict=Verdict.PARTIAL,
        title=card.title_fail,
        why=said if result.verdict is Verdict.UNVERIFIED else f"{said} The analysis here had found: {result.why}",
        evidence=(*places, *(result.evidence if result.verdict is Verdict.PASS else ())),
        status=FindingStatus.PARTIAL,
        fix=card.fix,
        question="",
    )
