"""From a request up to what the user does: components, pages, events, scripts."""
