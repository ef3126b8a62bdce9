"""What `init` would change, as whole files before and after; nothing is written before all of it is known to be possible."""

from __future__ import annotations

import difflib
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backend_readiness import resources
from backend_readiness.errors import UnusableInput
from backend_readiness.init.clients import SERVER_NAME, Client, entry
from backend_readiness.init.entries import with_entry, without_entry

_MAX_BYTES = 4 << 20
_LINK = re.compile(r"\]\((references/[^)\s]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One file. `before` is None when it does not exist, `after` when it goes. `shown` is its path for a person."""

    path: Path
    shown: str
    before: str | None
    after: str | None
    base: Path

    def diff(self) -> str:
        old, new = (self.before or "").splitlines(keepends=True), (self.after or "").splitlines(keepends=True)
        names = ("/dev/null" if self.before is None else self.shown, "/dev/null" if self.after is None else self.shown)
        lines = difflib.unified_diff(old, new, *names)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`left` says what stays though it was asked to go, and why."""

    changes: tuple[Change, ...]
    left: tuple[str, ...] = ()


def install(repository: Path, clients: Sequence[Client], *, home: Path, command: list[str]) -> Plan:
    """Errors: `UnusableInput` for a configuration that cannot be read, and for a place that leads out of the repository."""
    wanted: dict[Path, Change] = {}
    for client in clients:
        for name in documents():
            path = repository / client.skills / SERVER_NAME / name
            _keep(wanted, _change(path, resources.read(name), repository, _relative(path, repository)))
        base = home if client.of_user else repository
        path = base / client.config
        shown = f"~/{client.config}" if client.of_user else client.config
        text = with_entry(_read(path, base) or "", client, entry(client, command, str(repository)), shown)
        _keep(wanted, _change(path, text, base, shown))
    return Plan(changes=tuple(wanted.values()))


def remove(repository: Path, clients: Sequence[Client], others: Sequence[Client], *, home: Path) -> Plan:
    """What is ours goes; a document of the skill that was edited stays, and so does a folder that one of `others` uses.

    Errors: as `install`.
    """
    wanted: dict[Path, Change] = {}
    left: list[str] = []
    for client in clients:
        user = next((o for o in others if o.skills == client.skills and _is_installed(repository, o, home)), None)
        for name in documents():
            path = repository / client.skills / SERVER_NAME / name
            text = _read(path, repository)
            if user is not None:
                left.append(f"{client.skills}/{SERVER_NAME}: {user.title} uses it too")
                break
            if text is not None and text != resources.read(name):
                left.append(f"{_relative(path, repository)}: it was edited, or is of another version")
            elif text is not None:
                _keep(wanted, _change(path, None, repository, _relative(path, repository)))
        base = home if client.of_user else repository
        path = base / client.config
        shown = f"~/{client.config}" if client.of_user else client.config
        text = _read(path, base)
        if text is not None:
            _keep(wanted, _change(path, without_entry(text, client, shown) or None, base, shown))
    return Plan(changes=tuple(wanted.values()), left=tuple(left))


def _is_installed(repository: Path, client: Client, home: Path) -> bool:
    """Whether the client's configuration has our entry."""
    base = home if client.of_user else repository
    text = _read(base / client.config, base)
    return text is not None and without_entry(text, client, client.config) != text


def documents() -> tuple[str, ...]:
    """The files of the skill, as `resources` names them: SKILL.md and what it links to."""
    return ("SKILL.md", *dict.fromkeys(_LINK.findall(resources.read("SKILL.md"))))


def write(plan: Plan) -> None:
    """Makes the changes, each file at once. Errors: `UnusableInput` for the first that cannot be made; those before it are made."""
    for change in plan.changes:
        try:
            if change.after is None:
                change.path.unlink()
                _remove_empty(change.path.parent, change.base)
            else:
                change.path.parent.mkdir(parents=True, exist_ok=True)
                _replace(change.path, change.after)
        except OSError as error:
            raise UnusableInput(f"{change.shown} cannot be written ({(error.strerror or str(error)).lower()})") from error


def _replace(path: Path, text: str) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
        os.chmod(name, mode)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)  # it is there only when something went wrong


def _remove_empty(folder: Path, base: Path) -> None:
    while folder != base and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _keep(wanted: dict[Path, Change], change: Change) -> None:
    if change.before != change.after:
        wanted.setdefault(change.path, change)


def _change(path: Path, after: str | None, base: Path, shown: str) -> Change:
    return Change(path=path, shown=shown, before=_read(path, base), after=after, base=base)


def _relative(path: Path, base: Path) -> str:
    return path.relative_to(base).as_posix()


def _read(path: Path, base: Path) -> str | None:
    """The text of a file below `base`, None when there is none. Errors: `UnusableInput` where a link leads elsewhere."""
    if not path.resolve().is_relative_to(base.resolve()) or path.is_symlink():
        raise UnusableInput(f"{path} is a symbolic link, or stands behind one that leads elsewhere: nothing is written through it")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read ({(error.strerror or str(error)).lower()})") from error
    if len(data) > _MAX_BYTES:
        raise UnusableInput(f"{path} is larger than {_MAX_BYTES >> 20} MiB: add the entry by hand")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableInput(f"{path} is not UTF-8: add the entry by hand") from error
