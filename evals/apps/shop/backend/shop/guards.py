"""Who is calling. Routes that change something depend on `signed_in_with_csrf`, the others on `signed_in`."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Cookie, Depends, Header
from sqlalchemy.orm import Session

from shop.database import get_db
from shop.errors import Problem
from shop.models import Account
from shop.sessions import COOKIE, csrf_token_matches, find_session

Db = Annotated[Session, Depends(get_db)]


@dataclass(frozen=True, slots=True)
class Caller:
    account: Account
    session_token: str

    @property
    def id(self) -> int:
        return self.account.id

    @property
    def name(self) -> str:
        return f"account:{self.account.id}"


def signed_in(db: Db, token: Annotated[str | None, Cookie(alias=COOKIE, max_length=128)] = None) -> Caller:
    session = find_session(db, token) if token else None
    if session is None or token is None:
        raise Problem(401, "sign_in_required", "Sign in first.")
    return Caller(account=session.account, session_token=token)


def signed_in_with_csrf(
    caller: Annotated[Caller, Depends(signed_in)],
    csrf: Annotated[str, Header(alias="X-CSRF-Token", max_length=128)] = "",
) -> Caller:
    if not csrf_token_matches(caller.session_token, csrf):
        raise Problem(403, "csrf_token_invalid", "Reload the page and try again.")
    return caller


SignedIn = Annotated[Caller, Depends(signed_in)]
SignedInWithCsrf = Annotated[Caller, Depends(signed_in_with_csrf)]
