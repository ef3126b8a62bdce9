"""What an application has by its configuration: things that come with a dependency, a setting or a line at start, called by nobody.

One file a language under `setups/`; each names, by topic, the forms in which the thing is set up. What is called by its name is a
role of a card.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import TypeAdapter, field_validator

from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed
from backend_readiness.rules.yaml_files import RULES
from backend_readiness.snapshot.matching import compile_patterns

SetupTopic = Literal[
    "compression",  # answers are compressed
    "connection_pool",  # connections to the database are pooled; `partly`: without an upper limit
    "connection_single",  # each use opens a connection of its own
    "correlation_id",  # each request has an id that the logs carry
    "error_tracker",  # errors that nothing catches reach a service that records them
    "jobs_inline",  # work that is handed to a queue or a bus runs inside of the request, unless a setting says otherwise
    "jobs_kept",  # work that is put off waits outside of the process
    "job_recovery",  # the queue tries failed jobs again and keeps those that finally fail, without being told
    "health",  # an endpoint answers for the process
    "logger",  # levelled logs, as plain text
    "metrics",  # rate, errors and latency of requests are measured
    "open_tools",  # a tool of developers or operators answers without anybody signing in
    "openapi",  # a document of the endpoints is generated
    "prints",  # lines of text go to the console
    "readiness",  # an endpoint looks at the database
    "schema_dropped",  # the tables are dropped and made anew whenever the process starts or ends
    "session_files",  # sessions are files on the disk of the machine
    "session_memory",  # sessions are kept in the memory of one process
    "settings_bare",  # a setting is read, and a missing one is not noticed
    "settings_check",  # a missing setting stops the start
    "settings_default",  # a setting that matters has a silent default
    "settings_loaded",  # loading the settings may stop the start; a missing one does not
    "settings_literal",  # a setting that matters is written into the source
    "settings_required",  # a setting is read in a way that raises when it is missing
    "settings_schema",  # all settings are checked when the process starts
    "structured_logger",  # logs are records, not lines of text
    "tracing",  # spans of requests are exported
]


class SetupLines(Closed):
    """A line that matches one of `lines` (RE2) and none of `but`, in files of `paths`, by default the source of the backend."""

    lines: tuple[str, ...]
    but: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    @field_validator("lines", "but")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        compile_patterns(patterns)
        return patterns


class SetupRule(Closed):
    """One form in which a thing is set up.

    `all`: each of them must stand somewhere; the first is the evidence. `none`: any of them switches it off. `near`: patterns of which one
    must stand at the handler or in what is written above it. `unless`: patterns of lines in the handler's file by which the thing says
    nothing of it. `marked`: patterns of which one must stand above a handler that is a function of a module.
    `partly`: the thing holds for a part only; the sentence says which.
    `whole_with`: patterns of lines on the flow, or where its routes are registered, by which a thing in part is whole for it.
    `same_file`: the lines of `all` stand in one file.
    """

    says: str
    all: tuple[SetupLines, ...]
    none: tuple[SetupLines, ...] = ()
    near: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    partly: bool = False
    whole_with: tuple[str, ...] = ()
    same_file: bool = False

    @field_validator("near", "unless", "marked", "whole_with")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        compile_patterns(patterns)
        return patterns


Setups = dict[SetupTopic, tuple[SetupRule, ...]]
_FILES = TypeAdapter(Setups)


_SAME = {"kotlin": "java", "scala": "java"}


@cache
def load_setups(language: str) -> Setups:
    """The forms of one family of languages; empty for a language without a file. Errors: `ValidationError` for a file that is wrong."""
    path = RULES / "setups" / f"{_SAME.get(language, language)}.yml"
    if not language or not path.is_file():
        return {}
    return _FILES.validate_python(yaml_files.parse(path.read_text("utf-8")) or {})
