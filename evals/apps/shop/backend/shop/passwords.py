"""Password hashing and the rules a password must meet."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 12
MAX_LENGTH = 128

_hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=2)
# Verified when no account exists, so that the answer takes as long as with one.
_NOBODY = _hasher.hash("no account has this password")

_COMMON = frozenset(
    {
        "123456789012",
        "password1234",
        "passwordpassword",
        "qwertyuiop12",
        "qwertyuiopas",
        "iloveyou1234",
        "administrator",
        "letmeinplease",
        "welcome12345",
        "changemeplease",
        "password12345",
        "abcdefghijkl",
        "correcthorse",
    }
)


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """`stored` is None when there is no such account: the work is the same and the answer is no."""
    try:
        matches = _hasher.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    return _hasher.check_needs_rehash(stored)


def weakness(password: str, email: str) -> str | None:
    """Why the password is refused, or None. Length is checked by the schema."""
    lowered = password.lower()
    if lowered in _COMMON or len(set(lowered)) < 5:
        return "This password is too common."
    if email.split("@", 1)[0] in lowered:
        return "The password must not contain your address."
    return None
