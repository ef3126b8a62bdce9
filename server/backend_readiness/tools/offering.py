"""How a method becomes a tool: `tool` marks it, `marked` finds the methods that a shell offers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import RLock
from typing import Concatenate, Literal, ParamSpec, Protocol, TypeVar, cast

from backend_readiness.progress import tell
from backend_readiness.tools import answers

P = ParamSpec("P")
R = TypeVar("R", bound=answers.Answer)


class Locked(Protocol):
    """Holds tools; one of them runs at a time."""

    lock: RLock


S = TypeVar("S", bound=Locked)

Effect = Literal["read", "network", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A tool as a shell offers it. `effect`: it only reads, sends requests, or writes."""

    name: str
    title: str
    effect: Effect
    method: Callable[..., answers.Answer]


def tool(title: str, effect: Effect = "read") -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Marks a method as a tool and runs one at a time: what is known of a repository is computed while it is asked."""

    def mark(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        @functools.wraps(method)
        def locked(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with self.lock:
                tell(title, 0, 0)
                return method(self, *args, **kwargs)

        locked.tool_marks = (title, effect)  # type: ignore[attr-defined]  # read by `marked`
        return cast("Callable[Concatenate[S, P], R]", locked)

    return mark


def marked(tools: Locked, *, allow: frozenset[Effect] = frozenset()) -> Iterator[Offered]:
    """Every tool that reads and those with an effect in `allow`, in the order of the class and then of its subclasses."""
    for kind in reversed(type(tools).__mro__):
        for name, member in vars(kind).items():
            marks = getattr(member, "tool_marks", None)
            if marks is not None and (marks[1] == "read" or marks[1] in allow):
                yield Offered(name=name, title=marks[0], effect=marks[1], method=getattr(tools, name))
