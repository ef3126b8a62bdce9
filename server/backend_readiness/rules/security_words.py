"""What code of a language says when it runs a command, opens a file, reads input or writes a log (`security_words.yml`)."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from backend_readiness.rules import yaml_files
from backend_readiness.snapshot.matching import compile_patterns

Noun = Literal[
    "commands",
    "copies_fields",
    "files",
    "files_beside",
    "hidden",
    "redirects",
    "deserializers",
    "requests",
    "documents",
    "input",
    "logs",
    "model_rules",
    "sessions",
    "cookies",
    "any_origin",
    "named_origin",
    "built_sql",
    "text_first",
    "text_second",
    "text_joined",
    "listed_rights",
    "open_records",
    "reflected_origin",
    "field_rules",
    "free_text",
    "text_bounds",
    "text_bounds_apart",
    "loose_rules",
    "loose_fields",
    "bounding_rules",
    "loose_model_rules",
    "bounding_model_rules",
    "listed_fields",
    "listed_owner",
    "sets_owner",
    "inbound_tls",
    "upload_kinds",
    "upload_sizes",
    "upload_sizes_everywhere",
    "upload_fields",
    "uploads",
    "oauth_clients",
    "oauth_unchecked",
    "reset_brokers",
    "weak_random",
    "resources",
    "whole_records",
    "model_hashes",
    "policies",
    "taken_rules",
    "taken_heads",
    "text_fields",
    "password_bounds",
    "shown_errors",
    "server_errors",
    "weak_digest",
    "weak_password_hash",
    "whole_body",
    "any_error",
    "all_errors",
    "password_strength",
    "token_expiry",
    "signature_unchecked",
    "expiry_unchecked",
]


class FieldCheck(BaseModel):
    """Rules on fields (`rule`, on a line of the class), and what runs them: on the chain, or by a line anywhere in the backend.

    `passed_on`: the mark that a field must have for the rules of the object in it to run too; without it they run by themselves.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    run: tuple[str, ...]
    everywhere: tuple[str, ...] = ()
    passed_on: str = ""

    @field_validator("rule", "passed_on")
    @classmethod
    def _rule_compiles(cls, rule: str) -> str:
        compile_patterns((rule,))
        return rule

    @field_validator("run", "everywhere")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        compile_patterns(patterns)
        return patterns


class SecurityWords(BaseModel):
    """Noun -> language -> RE2 patterns on single lines. A language that is not there was not looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nouns: dict[Noun, dict[str, tuple[str, ...]]]
    checked_fields: dict[str, tuple[FieldCheck, ...]]

    @field_validator("nouns")
    @classmethod
    def _patterns_compile(cls, nouns: dict[Noun, dict[str, tuple[str, ...]]]) -> dict[Noun, dict[str, tuple[str, ...]]]:
        for languages in nouns.values():
            for patterns in languages.values():
                compile_patterns(patterns)
        return nouns


@cache
def load_security_words() -> SecurityWords:
    """The table. Errors: `ValidationError` for an unknown noun, `BadPattern` for one that RE2 does not take."""
    table = yaml_files.read("security_words.yml")
    return SecurityWords(checked_fields=table.pop("checked_fields"), nouns=table)
