"""The vocabulary of free-text starts (`words.yml`): synonyms, words that mean nothing, words that speak for a method."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from backend_readiness.rules import yaml_files


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    synonyms: tuple[tuple[str, ...], ...]
    phrases: dict[str, str]
    providers: tuple[str, ...]
    actors: tuple[str, ...]
    stop: tuple[str, ...]
    whole: tuple[str, ...]
    jobs: tuple[str, ...]
    deeds: dict[str, tuple[str, ...]]
    light: tuple[str, ...]
    formal: tuple[str, ...]
    nominal: tuple[str, ...]
    enters: tuple[str, ...]
    implied: dict[str, tuple[str, ...]]
    otherwise: dict[str, tuple[str, ...]]
    methods: dict[str, tuple[str, ...]]
    roles: dict[str, tuple[str, ...]]


@cache
def load_words() -> Words:
    return Words.model_validate(yaml_files.read("words.yml"))
