"""Runtime checks: a running development server is asked what a card names, and its answers are judged. Nothing is ever written to it."""
