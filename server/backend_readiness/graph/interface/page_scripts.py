"""Scripts and the pages that run them: script elements, links that call a function, calls written in attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Alt, Call, CallRef, Concat, Element, Lit, Member, Op, Seq
from backend_readiness.graph.families import PAGES
from backend_readiness.graph.steps import Step, event_step
from backend_readiness.graph.urls import alternatives

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

_SCRIPT_LINK = re.compile(r"\s*javascript:\s*(?:void\s*\(?\s*)?([\w$]+)\s*\(")


def called_by_link(value: object) -> str | None:
    """The function that a link runs: `href="javascript:translate('#post')"`."""
    first = value.parts[0] if isinstance(value, Concat) and value.parts else value
    match = _SCRIPT_LINK.match(first.value) if isinstance(first, Lit) and isinstance(first.value, str) else None
    return match.group(1) if match else None


def calls_in(calls: tuple[Call, ...], value: object, depth: int) -> Iterator[int]:
    """The calls of an expression, those in receivers and arguments included."""
    if depth > 12:
        return
    if isinstance(value, CallRef):
        yield value.call
        yield from calls_in(calls, calls[value.call].callee, depth + 1)
        for arg in calls[value.call].args:
            yield from calls_in(calls, arg.value, depth + 1)
    elif isinstance(value, Member):
        yield from calls_in(calls, value.base, depth + 1)
    elif isinstance(value, Seq | Alt | Op):
        for part in value.items if isinstance(value, Seq) else value.options if isinstance(value, Alt) else value.operands:
            yield from calls_in(calls, part, depth + 1)


def script_links(graph: Graph) -> dict[str, list[str]]:
    """Function name -> files with a link that runs it."""
    found: dict[str, list[str]] = {}
    for path, index in graph.production.items():
        if not index.elements or index.language not in PAGES:
            continue
        for element in graph.view(path).facts.elements:
            for attr in element.attrs:
                called = called_by_link(attr.value) if attr.name == "href" else None
                if called is not None and path not in found.setdefault(called, []):
                    found[called].append(path)
    return found


def loaded_scripts(graph: Graph) -> Iterator[tuple[str, Element, str]]:
    """(page, script element, address of the script) for each page that names one."""
    for path, index in graph.production.items():
        if not index.elements or index.language not in PAGES:
            continue
        for element in graph.view(path).facts.elements:
            for attr in element.attrs if element.tag == "script" else ():
                texts = (
                    [t for u in alternatives(graph.ev, graph.ev.value(attr.value, path, element.owner)) for t in u if isinstance(t, str)]
                    if attr.name == "src" and attr.value is not None
                    else []
                )
                for text in texts[-1:]:
                    yield path, element, text.partition("?")[0]


def scripts_of_pages(graph: Graph) -> dict[str, list[Step]]:
    """Name of a script's file -> the elements of pages that load it."""
    found: dict[str, list[Step]] = {}
    for path, element, address in loaded_scripts(graph):
        step = event_step(path, element, "src")
        name = address.rpartition("/")[2]
        for known in dict.fromkeys((name, name.replace(".min.js", ".js"))):
            found.setdefault(known, []).append(replace(step, kind="load"))
    return found


def pages_by_script(graph: Graph) -> dict[str, set[str]]:
    """Script file -> the pages that load it by an address with its end; an address that ends like several files means none of them."""
    found: dict[str, set[str]] = {}
    for path, _, address in loaded_scripts(graph):
        end = address.lstrip("./").replace(".min.js", ".js")
        fits = [f for f in graph.files_named(end.rpartition("/")[2]) if f"/{f}".endswith(f"/{end}")]
        if len(fits) == 1:
            found.setdefault(fits[0], set()).add(path)
    return found
