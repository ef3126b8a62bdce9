"""Reads a repository once. Only this package touches the audited tree; every later stage works on the `Snapshot`."""

from backend_readiness.snapshot.files import ChangedWhileRead, File, Snapshot
from backend_readiness.snapshot.manifests import Application
from backend_readiness.snapshot.walk import take

__all__ = ["Snapshot", "take", "File", "Application", "ChangedWhileRead"]
