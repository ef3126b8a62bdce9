"""A machine-readable description of the flow's endpoints: a document, or one that the framework makes of typed routes."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of
from backend_readiness.controls.deployed.setups import Setup, is_written_at, setup_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.left_out_routes import left_out
from backend_readiness.controls.specifications import Operation, is_of_another_backend, is_of_another_version, specifications
from backend_readiness.graph.urls import shape
from backend_readiness.model import Endpoint, Evidence
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.matching import compile_patterns, matching_lines

_LIBRARIES = re.compile(sign("inf-api-documented", "libraries"))
_WORDS = (r"(?i)openapi|swagger|apispec|redoc",)


def verify(context: Context) -> Judgement:
    if not context.routes:
        return not_applicable("The flow has no endpoint.")
    documents = specifications(context)
    endpoints = [r.route.endpoint for r in context.routes]
    mine = [s for s in documents if not is_of_another_backend(context, s.file)]
    described = [(e, o) for e in endpoints for s in mine for o in s.operations if o.fits(e) and not _of_another(context, o, e)]
    described = [(e, o) for e, o in described if not is_of_another_version(context, o, e)]
    if described and len({str(e) for e, _ in described}) == len({str(e) for e in endpoints}):
        return passed("An OpenAPI document describes the endpoint.", context.at(described[0][1].file, described[0][1].line))
    if any(e.method in ("QUERY", "MUTATION", "SUBSCRIPTION", "RPC") for e in endpoints):
        schema = next((s for s in documents if s.kind != "openapi"), None)
        return (
            passed("A schema describes the operation.", context.at(schema.file, 1))
            if schema
            else unverified("The schema of the operation was not found.")
        )
    generated = default_of(context, "openapi")
    if generated is not None and generated.off is None:
        return _generated(context, generated.at)
    setup = setup_of(context, "openapi")
    if setup is not None:
        return _set_up(context, setup)
    if described:
        return partial(
            "The OpenAPI document leaves out a part of the flow's endpoints.",
            context.at(described[0][1].file, described[0][1].line),
            context.at_route(),
        )
    openapi = next((s for s in mine if s.kind == "openapi" and s.operations), None)
    if openapi is not None:
        return partial(
            "The OpenAPI document of the repository leaves out the flow's endpoint.", context.at(openapi.file, 1), context.at_route()
        )
    library = next((d for d in context.dependencies() if _LIBRARIES.search(d)), None)
    if library is not None:
        return unverified(f"`{library}` may describe the endpoint; whether it does was not found out.", context.at_route())
    proof = context.missing("a specification of the endpoint", at=context.at_route(), patterns=_WORDS)
    if proof is None:
        hits = context.hits(_WORDS)
        evidence: tuple[Evidence, ...] = (context.at(hits[0][0], hits[0][1]),) if hits else ()
        return unverified("No specification file was found, but the code mentions one.", *evidence)
    return failed(f"No specification describes `{endpoints[0]}`.", proof)


def _of_another(context: Context, operation: Operation, endpoint: Endpoint) -> bool:
    """Does the document mean another route of the repository, which has the very path that the endpoint has only a part of?"""
    said = shape(operation.path)
    if said == shape(endpoint.path):
        return False
    others = (r.route.endpoint for r in context.tracer.routes)
    return any(o.method == operation.method and shape(o.path) == said for o in others)


def _set_up(context: Context, setup: Setup) -> Judgement:
    """A library makes a document: of every endpoint, or of those whose handlers say what they are."""
    if setup.off is not None:
        return partial("The document that the library would generate is switched off.", setup.off, setup.at)
    hidden = left_out(context)
    if hidden is not None:
        return partial("The endpoint is left out of the document that is generated.", hidden, setup.at)
    plain = _is_plain(context, setup)
    if plain is not None:
        return partial("The document describes the views of the library; the flow's handler is a plain function.", plain, setup.at)
    aside = compile_patterns(setup.rule.unless) if setup.rule.unless else None
    for handler in context.handlers:
        if aside is not None and next(iter(matching_lines(context.snapshot, handler.file, aside)), None) is not None:
            why = "The document that is generated leaves out handlers of this kind: the flow's endpoint is not in it."
            return partial(why, context.at_place(handler), setup.at)
    if not setup.rule.near:
        return passed(setup.rule.says, setup.at, context.at_route())
    for bound in context.routes:
        places = [p for p in (bound.route.handler, bound.route.place) if p is not None]
        if not any(is_written_at(context, setup.rule.near, p.file, p.line, p.end_line) for p in places):
            return partial(f"The document is made of what handlers say; that of `{bound.route.endpoint}` says nothing.", context.at_route())
    return passed(setup.rule.says, context.at_place(context.handlers[0]) if context.handlers else context.at_route(), setup.at)


def _is_plain(context: Context, setup: Setup) -> Evidence | None:
    """The handler of the flow that is a function, where the library describes only those that are marked."""
    for handler in context.handlers if setup.rule.marked else ():
        if handler.file not in context.graph.facts.files:
            continue
        symbols = context.view(handler.file).facts.symbols
        function = next((s for s in symbols if s.kind == "function" and s.line <= handler.line <= s.end_line), None)
        if function is not None and not is_written_at(context, setup.rule.marked, handler.file, function.line, function.line):
            return context.at(handler.file, function.line)
    return None


def _generated(context: Context, switched_on: Evidence | None) -> Judgement:
    """The framework makes a document of its routes: is it switched off, or the route left out of it?"""
    application = context.at_application()
    lines = context.snapshot.lines(application.file or "")
    text = "\n".join(lines[(application.line or 1) - 1 : (application.line or 1) + 14])
    place = context.routes[0].route.place
    written = "\n".join(context.snapshot.lines(place.file)[place.line - 1 : place.end_line])
    if re.search(r"include_in_schema\s*=\s*False|IgnoreApi\s*=\s*true", written) is not None:
        return partial("The route is left out of the generated document.", context.at_route())
    if re.search(r"openapi_url\s*=\s*(None|['\"]{2})", text) is not None:
        return partial("The document that the framework would generate is switched off.", application)
    hidden = left_out(context)
    if hidden is not None:
        return partial("The route is left out of the generated document.", hidden, context.at_route())
    return passed("The framework generates an OpenAPI document of the typed routes.", switched_on or application, context.at_route())
