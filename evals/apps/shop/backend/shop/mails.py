"""What the worker writes to people."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from shop.accounts import issue_verification_token
from shop.mailer import Mailer
from shop.models import Account, Order, OutboxMessage


def deliver(db: Session, message: OutboxMessage, mailer: Mailer, public_url: str) -> None:
    """Errors: whatever the mail server or the database raises; the caller tries again."""
    account = db.get_one(Account, message.account_id)
    if message.kind == "verify_address":
        token = issue_verification_token(db, account.id)
        db.commit()
        subject, body = "Confirm your address", f"Open {public_url}/verify#{token} within 24 hours to confirm your address."
    elif message.kind == "already_registered":
        subject, body = "You already have an account", f"Somebody signed up with your address. Sign in at {public_url}/sign-in."
    elif message.kind == "order_confirmation":
        order = db.scalars(select(Order).options(selectinload(Order.lines)).where(Order.id == message.order_id)).one()
        bought = "\n".join(f"{line.quantity} x {line.product_name}" for line in order.lines)
        total = f"{order.total_minor // 100}.{order.total_minor % 100:02d} {order.currency}"
        subject, body = f"Your order {order.id}", f"Thank you. You ordered:\n\n{bought}\n\nTotal: {total}"
    else:
        raise ValueError(f"unknown kind of message: {message.kind}")
    mailer.send(message_id=message.id, to=account.email, subject=subject, body=body)
