"""Requests that one program of the repository sends to another one, and what answers them there."""
