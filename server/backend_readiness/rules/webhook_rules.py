"""The systems that call an application (`webhooks.yml`), and the words by which a path says so."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from backend_readiness.rules import yaml_files


class WebhookRules(BaseModel):
    """`systems`: the word of a path -> the name of the system."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hooks: frozenset[str]
    systems: dict[str, str]


@cache
def load_webhook_rules() -> WebhookRules:
    return WebhookRules.model_validate(yaml_files.read("webhooks.yml"))
