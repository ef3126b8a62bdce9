"""Sign-up, sign-in, the session, and a person's own data."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from shop import accounts, audit, passwords
from shop.errors import Problem
from shop.guards import Db, SignedIn, SignedInWithCsrf
from shop.models import Order
from shop.schemas import Erasure, Export, Message, OrderView, SessionView, SignIn, SignUp, Verification
from shop.sessions import COOKIE, close_session, csrf_token, open_session

router = APIRouter(tags=["accounts"])


@router.post("/accounts", status_code=202)
def sign_up(body: SignUp, request: Request, db: Db) -> Message:
    password = body.password.get_secret_value()
    reason = passwords.weakness(password, body.email)
    if reason is not None:
        raise Problem(422, "password_weak", reason)
    accounts.sign_up(db, body.email, password, request)
    return Message(detail="Check your mail to confirm the address.")


@router.post("/accounts/verify", status_code=204)
def verify(body: Verification, request: Request, db: Db) -> None:
    accounts.verify_address(db, body.token, request)


@router.post("/sessions", status_code=201)
def sign_in(
    body: SignIn,
    request: Request,
    response: Response,
    db: Db,
    old_token: Annotated[str | None, Cookie(alias=COOKIE, max_length=128)] = None,
) -> SessionView:
    account = accounts.authenticate(db, body.email, body.password.get_secret_value(), request)
    if old_token:
        close_session(db, response, old_token)
    token = open_session(db, response, account.id)
    audit.record(db, actor=f"account:{account.id}", action="session.opened", object=f"account:{account.id}", request=request)
    db.commit()
    return SessionView(email=account.email, csrf_token=csrf_token(token))


@router.get("/sessions/current")
def show_session(caller: SignedIn) -> SessionView:
    return SessionView(email=caller.account.email, csrf_token=csrf_token(caller.session_token))


@router.delete("/sessions/current", status_code=204)
def sign_out(caller: SignedInWithCsrf, request: Request, response: Response, db: Db) -> None:
    close_session(db, response, caller.session_token)
    audit.record(db, actor=caller.name, action="session.closed", object=caller.name, request=request)
    db.commit()


@router.get("/me/export")
def export_my_data(caller: SignedIn, request: Request, db: Db) -> Export:
    mine = select(Order).options(selectinload(Order.lines)).where(Order.account_id == caller.id)
    orders = db.scalars(mine.order_by(Order.id.desc()).limit(1000)).all()
    audit.record(db, actor=caller.name, action="account.exported", object=caller.name, request=request)
    db.commit()
    return Export(
        email=caller.account.email,
        created_at=caller.account.created_at,
        orders=[OrderView.model_validate(order) for order in orders],
        addresses=sorted({order.shipping_address for order in orders if order.shipping_address}),
    )


@router.delete("/me", status_code=204)
def erase_my_account(body: Erasure, caller: SignedInWithCsrf, request: Request, response: Response, db: Db) -> None:
    accounts.erase(db, caller.account, body.password.get_secret_value(), request)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
