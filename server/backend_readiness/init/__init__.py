"""Puts the skill and the entry of the MCP server where a client looks for them, shows that first, and takes it back."""
