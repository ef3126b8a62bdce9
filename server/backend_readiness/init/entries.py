"""A client's configuration with our entry put in or taken out; everything else in it stays as it is.

JSON is read and written anew with its own indent. In TOML only the lines of our table change, as its comments would be lost otherwise.
"""

from __future__ import annotations

import json
import re
import tomllib

from backend_readiness.errors import UnusableInput
from backend_readiness.init.clients import SERVER_NAME, Client

_INDENT = re.compile(r"\n([ \t]+)\S")


def with_entry(text: str, client: Client, entry: dict[str, object], where: str) -> str:
    """Errors: `UnusableInput` for a file that cannot be read as what it should be, with the entry to write by hand."""
    if client.format == "toml":
        return _toml(text, client, entry, where)
    return _json(text, client, entry, where)


def without_entry(text: str, client: Client, where: str) -> str:
    """The text without our entry; "" when nothing else is in it. Errors: as `with_entry`."""
    if client.format == "toml":
        return _toml(text, client, None, where)
    return _json(text, client, None, where)


def _json(text: str, client: Client, entry: dict[str, object] | None, where: str) -> str:
    try:
        whole = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise _by_hand(where, f"is no plain JSON ({error})", client, entry) from error
    servers = whole.get(client.servers, {}) if isinstance(whole, dict) else None
    if not isinstance(servers, dict):
        raise _by_hand(where, f"has no table {client.servers!r}", client, entry)
    if entry is not None:
        if servers.get(SERVER_NAME) == entry:
            return text
        whole[client.servers] = servers | {SERVER_NAME: entry}
    else:
        if SERVER_NAME not in servers:
            return text
        del servers[SERVER_NAME]
        if not servers:
            del whole[client.servers]
        if not whole:
            return ""
    found = _INDENT.search(text)
    written = json.dumps(whole, indent=found[1] if found else 2, ensure_ascii=False)
    return written + "\n" if text.endswith("\n") or not text else written


def _toml(text: str, client: Client, entry: dict[str, object] | None, where: str) -> str:
    try:
        known = tomllib.loads(text).get(client.servers, {})
    except tomllib.TOMLDecodeError as error:
        raise _by_hand(where, f"is no TOML ({error})", client, entry) from error
    if not isinstance(known, dict):
        raise _by_hand(where, f"has no table {client.servers!r}", client, entry)
    if known.get(SERVER_NAME) == entry:
        return text
    header = f"[{client.servers}.{SERVER_NAME}]"
    rest = _without_table(text, client)
    if SERVER_NAME in tomllib.loads(rest).get(client.servers, {}):
        raise _by_hand(where, f"writes {header} in another form", client, entry)
    if entry is None:
        return rest.rstrip("\n") + "\n" if rest.strip() else ""
    lines = [header, *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items())]
    before = rest.rstrip("\n") + "\n\n" if rest.strip() else ""
    return before + "\n".join(lines) + "\n"


def _without_table(text: str, client: Client) -> str:
    """The lines without our table and its subtables, from their headers to the next one."""
    ours = re.compile(rf"\s*\[\s*{re.escape(client.servers)}\s*\.\s*[\"']?{re.escape(SERVER_NAME)}[\"']?\s*(?:\.[^\]]*)?\]")
    kept: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("["):
            inside = ours.match(line) is not None
        if not inside:
            kept.append(line)
    return "".join(kept)


def _by_hand(where: str, what: str, client: Client, entry: dict[str, object] | None) -> UnusableInput:
    if entry is None:
        return UnusableInput(f"{where} {what}: remove {SERVER_NAME!r} from {client.servers!r} by hand")
    return UnusableInput(f"{where} {what}: add {json.dumps({SERVER_NAME: entry})} to {client.servers!r} by hand")
