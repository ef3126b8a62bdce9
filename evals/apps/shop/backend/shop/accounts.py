"""Accounts: sign-up with a proof of the address, sign-in, erasure."""

import secrets
from datetime import timedelta

from fastapi import Request
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shop import audit, passwords, throttle
from shop.errors import Problem
from shop.models import Account, Cart, LoginSession, Order, OutboxMessage, VerificationToken, now
from shop.outbox import enqueue
from shop.sessions import digest

VERIFICATION_LIFETIME = timedelta(hours=24)


def sign_up(db: Session, email: str, password: str, request: Request) -> None:
    """Does the same work and says the same whether or not the address is taken; the owner of the address learns it by mail."""
    hashed = passwords.hash_password(password)
    account = Account(email=email, password_hash=hashed)
    try:
        with db.begin_nested():
            db.add(account)
    except IntegrityError:
        known = db.scalars(select(Account).where(Account.email == email)).one()
        enqueue(db, "verify_address" if known.verified_at is None else "already_registered", account_id=known.id)
    else:
        enqueue(db, "verify_address", account_id=account.id)
        audit.record(db, actor=f"account:{account.id}", action="account.created", object=f"account:{account.id}", request=request)
    db.commit()


def issue_verification_token(db: Session, account_id: int) -> str:
    """Replaces an earlier token. The clear token exists only in the mail."""
    token = secrets.token_urlsafe(32)
    db.merge(VerificationToken(account_id=account_id, token_hash=digest(token), expires_at=now() + VERIFICATION_LIFETIME))
    return token


def verify_address(db: Session, token: str, request: Request) -> None:
    """Takes the token away as it is used, so that it works once."""
    unexpired = delete(VerificationToken).where(VerificationToken.token_hash == digest(token), VerificationToken.expires_at > now())
    account_id = db.scalar(unexpired.returning(VerificationToken.account_id))
    if account_id is None:
        raise Problem(400, "token_invalid", "This link is no longer valid.")
    db.execute(update(Account).where(Account.id == account_id).values(verified_at=now()))
    audit.record(db, actor=f"account:{account_id}", action="account.verified", object=f"account:{account_id}", request=request)
    db.commit()


def authenticate(db: Session, email: str, password: str, request: Request) -> Account:
    """The account, or one and the same refusal for unknown address, unverified address and wrong password."""
    throttle.refuse_if_blocked(db, email)
    account = db.scalar(select(Account).where(Account.email == email))
    matches = passwords.verify_password(account.password_hash if account else None, password)
    if account is None or not matches or account.verified_at is None:
        throttle.count_failure(db, email)
        actor = f"account:{account.id}" if account else "account:unknown"
        audit.record(db, actor=actor, action="session.refused", object=f"address:{throttle.key_of(email)[:16]}", request=request)
        db.commit()
        raise Problem(401, "sign_in_failed", "Address or password is not right, or the address is not confirmed.")
    throttle.forget_failures(db, email)
    if passwords.needs_rehash(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    return account


def erase(db: Session, account: Account, password: str, request: Request) -> None:
    """Removes what identifies the person. Orders stay for the tax period, without address."""
    throttle.refuse_if_blocked(db, account.email)
    if not passwords.verify_password(account.password_hash, password):
        throttle.count_failure(db, account.email)
        db.commit()
        raise Problem(403, "password_wrong", "The password is not right.")
    for table in (LoginSession, Cart, VerificationToken, OutboxMessage):
        db.execute(delete(table).where(table.account_id == account.id))
    db.execute(update(Order).where(Order.account_id == account.id).values(shipping_address=None))
    account.email = f"erased-{account.id}@erased.invalid"
    account.password_hash = "erased"
    account.verified_at = None
    audit.record(db, actor=f"account:{account.id}", action="account.erased", object=f"account:{account.id}", request=request)
    db.commit()
