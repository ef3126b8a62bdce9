"""What a run may cost, tested before each call, and what it has cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from backend_readiness.errors import BudgetExceeded, UnusableInput

_PRICES = Path(__file__).with_name("prices.yml")
CACHE_WRITE, CACHE_READ = 1.25, 0.1
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    output: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one answer, or of many. `input` are those that no cache held."""

    input: int = 0
    output: int = 0
    cache_write: int = 0
    cache_read: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output + self.cache_write + self.cache_read

    def plus(self, other: Usage) -> Usage:
        return Usage(
            input=self.input + other.input,
            output=self.output + other.output,
            cache_write=self.cache_write + other.cache_write,
            cache_read=self.cache_read + other.cache_read,
        )

    def usd(self, price: Price) -> float:
        of_input = self.input + CACHE_WRITE * self.cache_write + CACHE_READ * self.cache_read
        return (of_input * price.input + self.output * price.output) / _MILLION

    @classmethod
    def of(cls, usage: Mapping[str, object]) -> Usage:
        """From the `usage` of an answer; what is not given counts as 0."""

        def tokens(name: str) -> int:
            value = usage.get(name)
            return value if isinstance(value, int) and value > 0 else 0

        return cls(
            input=tokens("input_tokens"),
            output=tokens("output_tokens"),
            cache_write=tokens("cache_creation_input_tokens"),
            cache_read=tokens("cache_read_input_tokens"),
        )


@dataclass(slots=True, kw_only=True)
class Budget:
    """None is no limit. `price` is None when it is not known; then there is no limit in dollars either."""

    max_usd: float | None = None
    max_tokens: int | None = None
    max_turns: int | None = None
    price: Price | None = None
    spent: Usage = field(default_factory=Usage)
    turns: int = 0

    def __post_init__(self) -> None:
        if self.max_usd is not None and self.price is None:
            raise UnusableInput(
                "--max-usd needs the model's price, which is not known: give it with --price INPUT,OUTPUT (per million tokens)"
            )

    @property
    def usd(self) -> float | None:
        return self.spent.usd(self.price) if self.price else None

    def allow(self, input_tokens: int, output_tokens: int) -> None:
        """Before a call of at most so many tokens. Errors: `BudgetExceeded` when it could go beyond a limit."""
        if self.max_turns is not None and self.turns >= self.max_turns:
            raise BudgetExceeded(f"the limit of {self.max_turns} turns is reached")
        next_call = Usage(input=input_tokens, output=output_tokens)
        if self.max_tokens is not None and self.spent.total + next_call.total > self.max_tokens:
            raise BudgetExceeded(f"the next call could exceed {self.max_tokens} tokens ({self.spent.total} used)")
        if self.max_usd is not None and self.price is not None:
            would = self.spent.plus(next_call).usd(self.price)
            if would > self.max_usd:
                raise BudgetExceeded(f"the next call could cost more than ${self.max_usd:.2f} in all (${self.usd or 0:.2f} used)")

    def tight(self, input_tokens: int) -> bool:
        """Whether so many tokens are much of what is left, so that an exact count is worth a request."""
        if self.max_tokens is not None and input_tokens * 2 > self.max_tokens - self.spent.total:
            return True
        if self.max_usd is not None and self.price is not None:
            return Usage(input=input_tokens).usd(self.price) * 2 > self.max_usd - (self.usd or 0)
        return False

    def book(self, usage: Usage) -> None:
        self.spent = self.spent.plus(usage)
        self.turns += 1


def price_of(model: str) -> Price | None:
    """The published price of a model; names of clouds may stand before it (`anthropic.claude-...`)."""
    known = [(name, price) for name, price in _prices().items() if name in model]
    return max(known, key=lambda item: len(item[0]))[1] if known else None


@cache
def _prices() -> dict[str, Price]:
    raw = yaml.safe_load(_PRICES.read_text(encoding="utf-8"))
    return {name: Price(input=float(row["input"]), output=float(row["output"])) for name, row in raw.items()}


def parse_price(text: str) -> Price:
    """`INPUT,OUTPUT` in dollars for a million tokens. Errors: `UnusableInput`."""
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        raise UnusableInput(f"no price {text!r}: give INPUT,OUTPUT in dollars for a million tokens, like 2,10") from None
    if not (0 <= first < 10_000 and 0 <= second < 10_000):
        raise UnusableInput(f"no price {text!r}: both numbers are dollars for a million tokens")
    return Price(input=first, output=second)
