"""Requests that the interface sends: calls of clients, forms and links, and the routes that they reach."""
