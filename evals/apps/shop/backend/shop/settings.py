"""Configuration from the environment; a missing or unsafe value stops the process at start."""

from functools import lru_cache
from typing import Annotated, Literal, Self

from cryptography.fernet import Fernet
from pydantic import AnyHttpUrl, EmailStr, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

StrongSecret = Annotated[SecretStr, Field(min_length=32)]
Origins = Annotated[list[str], NoDecode, Field(min_length=1)]
Secrets = Annotated[list[SecretStr], NoDecode, Field(min_length=1)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_", extra="ignore")

    environment: Literal["production", "staging", "test"] = "production"
    release: str = "unreleased"
    public_url: AnyHttpUrl
    allowed_origins: Origins
    database_url: SecretStr
    redis_url: SecretStr
    # Newest first: the first one signs or encrypts, the others still verify, so that secrets can be rotated.
    csrf_secrets: Secrets
    field_encryption_keys: Secrets
    stripe_webhook_secrets: Secrets
    stripe_secret_key: Annotated[SecretStr, Field(min_length=16)]
    stripe_api_base: AnyHttpUrl = AnyHttpUrl("https://api.stripe.com")
    metrics_token: StrongSecret
    smtp_host: Annotated[str, Field(min_length=1)]
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_username: str
    smtp_password: SecretStr
    mail_from: EmailStr
    sentry_dsn: SecretStr | None = None
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12
    max_body_bytes: Annotated[int, Field(ge=1024, le=1_048_576)] = 65_536

    @field_validator("allowed_origins", "csrf_secrets", "field_encryption_keys", "stripe_webhook_secrets", mode="before")
    @classmethod
    def split_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def origins_are_named(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            if "*" in origin or not origin.startswith(("https://", "http://127.0.0.1", "http://localhost")):
                raise ValueError("name each origin with its scheme; wildcards are not allowed")
        return origins

    @field_validator("csrf_secrets")
    @classmethod
    def csrf_secrets_are_long(cls, secrets: list[SecretStr]) -> list[SecretStr]:
        if any(len(secret.get_secret_value()) < 32 for secret in secrets):
            raise ValueError("each CSRF secret needs at least 32 characters")
        return secrets

    @field_validator("field_encryption_keys")
    @classmethod
    def keys_are_fernet_keys(cls, keys: list[SecretStr]) -> list[SecretStr]:
        for key in keys:
            Fernet(key.get_secret_value())
        return keys

    @model_validator(mode="after")
    def services_are_real_and_encrypted(self) -> Self:
        if self.environment == "test":
            return self
        database = self.database_url.get_secret_value()
        if not database.startswith("postgresql+psycopg://") or "sslmode=verify-full" not in database:
            raise ValueError("SHOP_DATABASE_URL must be PostgreSQL with sslmode=verify-full")
        if not self.redis_url.get_secret_value().startswith("rediss://"):
            raise ValueError("SHOP_REDIS_URL must use TLS (rediss://)")
        if self.public_url.scheme != "https" or self.stripe_api_base.scheme != "https":
            raise ValueError("SHOP_PUBLIC_URL and SHOP_STRIPE_API_BASE must be https")
        return self


@lru_cache
def get_settings() -> Settings:
    return Settings()
