"""The caller's cart."""

from typing import Annotated

from fastapi import APIRouter, Path

from shop import carts
from shop.guards import Db, SignedIn, SignedInWithCsrf
from shop.schemas import CartView, Quantity

router = APIRouter(prefix="/cart", tags=["cart"])

ProductId = Annotated[int, Path(ge=1, le=2**53)]


@router.get("")
def show_cart(caller: SignedIn, db: Db) -> CartView:
    return carts.view_cart(db, caller.id)


@router.put("/lines/{product_id}")
def set_line(product_id: ProductId, body: Quantity, caller: SignedInWithCsrf, db: Db) -> CartView:
    carts.set_quantity(db, caller.id, product_id, body.quantity)
    return carts.view_cart(db, caller.id)


@router.delete("/lines/{product_id}")
def remove_line(product_id: ProductId, caller: SignedInWithCsrf, db: Db) -> CartView:
    carts.remove_line(db, caller.id, product_id)
    return carts.view_cart(db, caller.id)
