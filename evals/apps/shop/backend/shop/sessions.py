"""Server-side sessions: an opaque random cookie, of which the database keeps only the hash.

Opaque rather than a signed token because signing out, erasing an account and an incident must end a session at once.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from fastapi import Response
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from shop.models import LoginSession, now
from shop.settings import get_settings

COOKIE = "__Host-session"


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(db: Session, response: Response, account_id: int) -> str:
    """Always a fresh identifier, whatever cookie the browser came with."""
    lifetime = timedelta(hours=get_settings().session_hours)
    token = secrets.token_urlsafe(32)
    db.add(LoginSession(token_hash=digest(token), account_id=account_id, expires_at=now() + lifetime))
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return token


def find_session(db: Session, token: str) -> LoginSession | None:
    query = select(LoginSession).options(joinedload(LoginSession.account))
    return db.scalar(query.where(LoginSession.token_hash == digest(token), LoginSession.expires_at > now()))


def close_session(db: Session, response: Response, token: str) -> None:
    db.execute(delete(LoginSession).where(LoginSession.token_hash == digest(token)))
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def csrf_token(session_token: str) -> str:
    """Bound to the session, so that a token planted by a sibling domain is worthless."""
    return _csrf_with(get_settings().csrf_secrets[0].get_secret_value(), session_token)


def csrf_token_matches(session_token: str, given: str) -> bool:
    known = [_csrf_with(secret.get_secret_value(), session_token) for secret in get_settings().csrf_secrets]
    return any([hmac.compare_digest(token.encode(), given.encode()) for token in known])


def _csrf_with(secret: str, session_token: str) -> str:
    return hmac.new(secret.encode(), session_token.encode(), hashlib.sha256).hexdigest()
