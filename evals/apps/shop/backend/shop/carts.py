"""The cart of an account: one per account, at most `MAX_LINES` products in it."""

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from shop.errors import Problem
from shop.models import Cart, CartLine, Product
from shop.schemas import CartLineView, CartView

MAX_LINES = 50


def lock_cart(db: Session, account_id: int) -> Cart:
    """The account's cart, locked until the transaction ends, so that two changes of one cart queue up."""
    mine = select(Cart).where(Cart.account_id == account_id).with_for_update()
    cart = db.scalar(mine)
    if cart is not None:
        return cart
    try:
        with db.begin_nested():
            db.add(Cart(account_id=account_id))
    except IntegrityError:
        db.expire_all()  # another request made it first
    return db.scalars(mine).one()


def view_cart(db: Session, account_id: int) -> CartView:
    with_products = selectinload(Cart.lines).options(joinedload(CartLine.product))
    cart = db.scalar(select(Cart).options(with_products).where(Cart.account_id == account_id))
    lines = [
        CartLineView(
            product_id=line.product_id,
            name=line.product.name,
            unit_price_minor=line.product.price_minor,
            currency=line.product.currency,
            quantity=line.quantity,
        )
        for line in (cart.lines if cart else [])
    ]
    return CartView(lines=lines, total_minor=sum(line.unit_price_minor * line.quantity for line in lines))


def set_quantity(db: Session, account_id: int, product_id: int, quantity: int) -> None:
    product = db.scalar(select(Product).where(Product.id == product_id, Product.active))
    if product is None:
        raise Problem(404, "product_unknown", "There is no such product.")
    cart = lock_cart(db, account_id)
    others = select(func.count()).where(CartLine.cart_id == cart.id, CartLine.product_id != product_id)
    if (db.scalar(others) or 0) >= MAX_LINES:
        raise Problem(409, "cart_full", "The cart is full.")
    db.merge(CartLine(cart_id=cart.id, product_id=product_id, quantity=quantity))
    db.commit()


def remove_line(db: Session, account_id: int, product_id: int) -> None:
    cart = lock_cart(db, account_id)
    db.execute(delete(CartLine).where(CartLine.cart_id == cart.id, CartLine.product_id == product_id))
    db.commit()
