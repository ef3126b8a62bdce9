"""Slows guessing of one account's password, from however many addresses it comes.

Counted by address whether or not an account exists, in the database so that it outlives Redis and restarts.
"""

import hashlib
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shop.errors import Problem
from shop.models import SignInThrottle, now

FREE_FAILURES = 5
LONGEST_BLOCK = timedelta(minutes=15)


def key_of(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


def refuse_if_blocked(db: Session, email: str) -> None:
    row = db.get(SignInThrottle, key_of(email))
    if row is not None and row.blocked_until is not None and row.blocked_until > now():
        wait_s = int((row.blocked_until - now()).total_seconds()) + 1
        raise Problem(429, "too_many_attempts", "Too many attempts. Try again later.", {"Retry-After": str(wait_s)})


def count_failure(db: Session, email: str) -> None:
    """One more failure; from the sixth on each doubles the wait, up to `LONGEST_BLOCK`."""
    key = key_of(email)
    try:
        with db.begin_nested():
            db.add(SignInThrottle(email_hash=key))
    except IntegrityError:
        db.expire_all()  # another attempt created the row; the update below counts in it
    increment = update(SignInThrottle).where(SignInThrottle.email_hash == key)
    failures = db.scalar(increment.values(failures=SignInThrottle.failures + 1, updated_at=now()).returning(SignInThrottle.failures))
    if failures is not None and failures > FREE_FAILURES:
        wait = min(LONGEST_BLOCK, timedelta(seconds=2 ** min(failures - FREE_FAILURES + 3, 12)))
        db.execute(increment.values(blocked_until=now() + wait))


def forget_failures(db: Session, email: str) -> None:
    db.execute(delete(SignInThrottle).where(SignInThrottle.email_hash == key_of(email)))
