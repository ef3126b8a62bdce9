"""The tables. Money is integer minor units; every time is timestamptz in UTC."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.database import Base, EncryptedText, UtcDateTime

Id = BigInteger().with_variant(Integer, "sqlite")


def now() -> datetime:
    return datetime.now(UTC)


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (CheckConstraint("email = lower(email)", name="accounts_email_lower"),)


class VerificationToken(Base):
    """Proves that the account owns its address. One per account, single use, expires."""

    __tablename__ = "verification_tokens"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LoginSession(Base):
    """A browser session. Only the SHA-256 of the cookie is stored."""

    __tablename__ = "login_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    account: Mapped[Account] = relationship()


class SignInThrottle(Base):
    """Failed sign-ins per address, kept whether or not an account exists for it."""

    __tablename__ = "sign_in_throttles"

    email_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)

    __table_args__ = (CheckConstraint("failures >= 0", name="sign_in_throttles_failures"),)


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    sku: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(2000))
    price_minor: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    stock: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        CheckConstraint("price_minor > 0", name="products_price_positive"),
        CheckConstraint("stock >= 0", name="products_stock_not_negative"),
        CheckConstraint("length(currency) = 3", name="products_currency_code"),
        Index("ix_products_active_id", "active", "id"),
    )


class Cart(Base):
    __tablename__ = "carts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), unique=True)

    lines: Mapped[list["CartLine"]] = relationship(order_by="CartLine.product_id", cascade="all, delete-orphan")


class CartLine(Base):
    __tablename__ = "cart_lines"

    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True)
    quantity: Mapped[int] = mapped_column(Integer)

    product: Mapped[Product] = relationship()

    __table_args__ = (CheckConstraint("quantity BETWEEN 1 AND 20", name="cart_lines_quantity"),)


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="RESTRICT"))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(20), default="pending")
    total_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    shipping_address: Mapped[str | None] = mapped_column(EncryptedText)
    payment_reference: Mapped[str | None] = mapped_column(String(120), unique=True)
    payment_url: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.product_id", cascade="all, delete-orphan")
    account: Mapped[Account] = relationship()

    __table_args__ = (
        UniqueConstraint("account_id", "idempotency_key", name="orders_idempotency_key"),
        CheckConstraint("total_minor > 0", name="orders_total_positive"),
        CheckConstraint("status IN ('pending', 'paid', 'cancelled', 'review')", name="orders_status"),
        Index("ix_orders_account_id_id", "account_id", "id"),
        Index("ix_orders_status_created_at", "status", "created_at"),
    )


class OrderLine(Base):
    __tablename__ = "order_lines"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="RESTRICT"), primary_key=True, index=True)
    product_name: Mapped[str] = mapped_column(String(120))
    unit_price_minor: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        CheckConstraint("quantity > 0", name="order_lines_quantity"),
        CheckConstraint("unit_price_minor > 0", name="order_lines_price"),
    )


class WebhookEvent(Base):
    """Events of the payment provider that took effect; the primary key makes redelivery harmless."""

    __tablename__ = "webhook_events"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)


class OutboxMessage(Base):
    """Work that must follow a committed change: the worker sends it, retries it, or parks it as dead."""

    __tablename__ = "outbox_messages"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    request_id: Mapped[str] = mapped_column(String(64), default="")
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'sent', 'dead')", name="outbox_messages_status"),
        CheckConstraint("attempts >= 0", name="outbox_messages_attempts"),
        Index("ix_outbox_messages_due", "next_attempt_at", postgresql_where=text("status = 'waiting'")),
        Index("ix_outbox_messages_status_created_at", "status", "created_at"),
    )


class AuditEvent(Base):
    """Who did what to which object, when and from where. Rows are only ever added, and expire by retention."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    actor: Mapped[str] = mapped_column(String(80), index=True)
    action: Mapped[str] = mapped_column(String(60))
    object: Mapped[str] = mapped_column(String(80))
    request_id: Mapped[str] = mapped_column(String(64))
    client_ip: Mapped[str] = mapped_column(String(45))
