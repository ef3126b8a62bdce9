"""Endpoints of the backend: registrations found through the cards, with their methods, paths and prefixes."""
