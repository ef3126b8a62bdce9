"""`.backend-readiness.toml`: what a repository says of itself: its flows, profile, attestations, accepted risks, links."""

from backend_readiness.configuration.model import AcceptedRisk, Attestation, Configuration, DeclaredFlow, DeclaredLink, Profile
from backend_readiness.configuration.reading import FILE_NAME, parse, read

__all__ = [
    "FILE_NAME",
    "AcceptedRisk",
    "Attestation",
    "Configuration",
    "DeclaredFlow",
    "DeclaredLink",
    "Profile",
    "parse",
    "read",
]
