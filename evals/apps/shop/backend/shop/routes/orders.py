"""Checkout and order history."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request

from shop import orders
from shop.cache import drop_pages
from shop.guards import Db, SignedIn, SignedInWithCsrf
from shop.payments import StripeClient, get_stripe
from shop.schemas import Checkout, OrderPage, OrderView

router = APIRouter(prefix="/orders", tags=["orders"])

MAX_ID = 2**53
IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", pattern="^[A-Za-z0-9-]{16,64}$")]


@router.post("", status_code=201)
def checkout(
    body: Checkout,
    key: IdempotencyKey,
    caller: SignedInWithCsrf,
    request: Request,
    db: Db,
    stripe: Annotated[StripeClient, Depends(get_stripe)],
) -> OrderView:
    """Turns the cart into an order and answers with the page where it is paid. Repeating the key repeats the answer."""
    order = orders.place_order(db, caller.account, key, body.address, request)
    drop_pages()
    order = orders.request_payment(db, order, caller.account.email, stripe)
    return OrderView.model_validate(order)


@router.get("")
def list_orders(
    caller: SignedIn,
    db: Db,
    before: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> OrderPage:
    items = [OrderView.model_validate(order) for order in orders.list_orders(db, caller.id, before, limit)]
    return OrderPage(items=items, next_before=items[-1].id if len(items) == limit else None)


@router.get("/{order_id}")
def show_order(order_id: Annotated[int, Path(ge=1, le=MAX_ID)], caller: SignedIn, db: Db) -> OrderView:
    return OrderView.model_validate(orders.find_order(db, caller.id, order_id))
