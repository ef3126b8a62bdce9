"""Who may ask what, and what input may do: identity, tokens, cookies, headers, secrets, dangerous calls."""
