"""Orders: placed in one transaction with the stock they take, paid by webhook, released when payment never comes."""

import logging
from datetime import timedelta

from fastapi import Request
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from shop import audit, metrics
from shop.carts import lock_cart
from shop.errors import Problem
from shop.models import Account, CartLine, Order, OrderLine, Product, now
from shop.outbox import enqueue
from shop.payments import PaymentUnavailable, StripeClient
from shop.schemas import Address

log = logging.getLogger(__name__)

PAYABLE_FOR = timedelta(minutes=25)
ABANDONED_AFTER = timedelta(minutes=90)


def place_order(db: Session, account: Account, key: str, address: Address, request: Request) -> Order:
    """The order for this idempotency key: made now, or the one that an earlier attempt made."""
    try:
        order = _find_by_key(db, account.id, key) or _create_order(db, account, key, address, request)
    except IntegrityError:
        db.rollback()
        raced = _find_by_key(db, account.id, key)
        if raced is None:
            raise
        order = raced
    if order.shipping_address != address.model_dump_json():
        raise Problem(422, "idempotency_key_reused", "This key was used for another checkout.")
    return order


def _find_by_key(db: Session, account_id: int, key: str) -> Order | None:
    query = select(Order).options(selectinload(Order.lines))
    return db.scalar(query.where(Order.account_id == account_id, Order.idempotency_key == key))


def _create_order(db: Session, account: Account, key: str, address: Address, request: Request) -> Order:
    cart = lock_cart(db, account.id)
    repeated = _find_by_key(db, account.id, key)  # a double click waits for the lock and finds the order here
    if repeated is not None:
        return repeated
    lines = db.scalars(select(CartLine).where(CartLine.cart_id == cart.id).order_by(CartLine.product_id)).all()
    if not lines:
        raise Problem(409, "cart_empty", "The cart is empty.")
    products = _lock_products(db, [line.product_id for line in lines])
    currencies = {product.currency for product in products.values()}
    if len(currencies) != 1:
        raise Problem(409, "currencies_mixed", "Order products of different currencies separately.")
    for line in lines:
        _take_stock(products[line.product_id], line.quantity)
    order = Order(
        account_id=account.id,
        idempotency_key=key,
        status="pending",
        total_minor=sum(products[line.product_id].price_minor * line.quantity for line in lines),
        currency=currencies.pop(),
        shipping_address=address.model_dump_json(),
        lines=[
            OrderLine(
                product_id=line.product_id,
                product_name=products[line.product_id].name,
                unit_price_minor=products[line.product_id].price_minor,
                quantity=line.quantity,
            )
            for line in lines
        ],
    )
    db.add(order)
    db.execute(delete(CartLine).where(CartLine.cart_id == cart.id))
    db.flush()
    audit.record(db, actor=f"account:{account.id}", action="order.placed", object=f"order:{order.id}", request=request)
    db.commit()
    metrics.ORDERS.labels("placed").inc()
    return order


def _lock_products(db: Session, product_ids: list[int]) -> dict[int, Product]:
    """The products as they are now, locked until the commit; in the order of their ids, so that two checkouts cannot deadlock."""
    query = select(Product).where(Product.id.in_(product_ids)).order_by(Product.id).with_for_update()
    return {product.id: product for product in db.scalars(query.execution_options(populate_existing=True))}


def _take_stock(product: Product, quantity: int) -> None:
    """Of two buyers of the last piece one gets it and the other is told. `product` is locked."""
    if not product.active or product.stock < quantity:
        raise Problem(409, "out_of_stock", f"Not enough of {product.name} in stock.")
    product.stock -= quantity


def request_payment(db: Session, order: Order, email: str, stripe: StripeClient) -> Order:
    """Attaches a payment page to a pending order. Safe to repeat: the provider answers a repeated order with the same page."""
    if order.status != "pending" or order.payment_url is not None:
        return order
    if order.created_at < now() - PAYABLE_FOR:
        raise Problem(409, "checkout_expired", "This checkout has expired. Start again from the cart.")
    db.commit()  # no connection is held while the provider answers
    try:
        session = stripe.create_session(order, email)
    except PaymentUnavailable as error:
        log.warning("order waits for payment provider", extra={"order_id": order.id, "cause": str(error)})
        detail = "Payment is not available. Your order is kept: try again."
        raise Problem(503, "payment_unavailable", detail, {"Retry-After": "30"}) from error
    pending = update(Order).where(Order.id == order.id, Order.status == "pending")
    db.execute(pending.values(payment_reference=session.reference, payment_url=session.url))
    db.commit()
    db.refresh(order)
    return order


def list_orders(db: Session, account_id: int, before: int | None, limit: int) -> list[Order]:
    query = select(Order).options(selectinload(Order.lines)).where(Order.account_id == account_id)
    if before is not None:
        query = query.where(Order.id < before)
    return list(db.scalars(query.order_by(Order.id.desc()).limit(limit)))


def find_order(db: Session, account_id: int, order_id: int) -> Order:
    """Somebody else's order is as unknown as one that does not exist."""
    query = select(Order).options(selectinload(Order.lines))
    order = db.scalar(query.where(Order.id == order_id, Order.account_id == account_id))
    if order is None:
        raise Problem(404, "order_unknown", "There is no such order.")
    return order


def settle_payment(db: Session, order_id: int, *, amount_minor: int, currency: str) -> None:
    """Marks a pending order as paid; a payment that does not fit the order goes to review instead. The caller commits."""
    order = db.scalar(select(Order).where(Order.id == order_id).with_for_update())
    if order is None:
        log.error("payment for unknown order", extra={"order_id": order_id})
        return
    fits = order.status == "pending" and order.total_minor == amount_minor and order.currency == currency
    if not fits:
        log.error("payment does not fit its order", extra={"order_id": order.id, "order_status": order.status, "amount": amount_minor})
    order.status = "paid" if fits else "review"
    if fits:
        enqueue(db, "order_confirmation", account_id=order.account_id, order_id=order.id)
    audit.record(db, actor="system:stripe", action=f"order.{order.status}", object=f"order:{order.id}")
    metrics.ORDERS.labels(order.status).inc()


def cancel_order(db: Session, order_id: int, *, actor: str) -> bool:
    """Gives the stock of a pending order back, once. The caller commits."""
    pending = update(Order).where(Order.id == order_id, Order.status == "pending")
    if db.execute(pending.values(status="cancelled").returning(Order.id)).first() is None:
        return False
    ordered = select(OrderLine.quantity).where(OrderLine.order_id == order_id, OrderLine.product_id == Product.id).scalar_subquery()
    in_order = Product.id.in_(select(OrderLine.product_id).where(OrderLine.order_id == order_id))
    db.execute(select(Product.id).where(in_order).order_by(Product.id).with_for_update())
    db.execute(update(Product).where(in_order).values(stock=Product.stock + ordered).execution_options(synchronize_session=False))
    audit.record(db, actor=actor, action="order.cancelled", object=f"order:{order_id}")
    metrics.ORDERS.labels("cancelled").inc()
    return True


def cancel_abandoned(db: Session, batch: int = 100) -> int:
    """Orders that never got a payment page; those that did are cancelled when the provider says that it expired."""
    abandoned = select(Order.id).where(Order.status == "pending", Order.created_at < now() - ABANDONED_AFTER)
    ids = db.scalars(abandoned.where(Order.payment_reference.is_(None)).order_by(Order.created_at).limit(batch)).all()
    cancelled = sum(cancel_order(db, order_id, actor="system:worker") for order_id in ids)
    db.commit()
    return cancelled
