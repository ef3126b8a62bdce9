"""Catalogue, carts, orders, the outbox and the events of the payment provider."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", ID, primary_key=True),
        sa.Column("sku", sa.String(40), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("description", sa.String(2000), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("price_minor > 0", name="products_price_positive"),
        sa.CheckConstraint("stock >= 0", name="products_stock_not_negative"),
        sa.CheckConstraint("length(currency) = 3", name="products_currency_code"),
    )
    op.create_index("ix_products_active_id", "products", ["active", "id"])
    op.create_table(
        "carts",
        sa.Column("id", ID, primary_key=True),
        sa.Column("account_id", ID, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, unique=True),
    )
    op.create_table(
        "cart_lines",
        sa.Column("cart_id", ID, sa.ForeignKey("carts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("product_id", ID, sa.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 20", name="cart_lines_quantity"),
    )
    op.create_index("ix_cart_lines_product_id", "cart_lines", ["product_id"])
    op.create_table(
        "orders",
        sa.Column("id", ID, primary_key=True),
        sa.Column("account_id", ID, sa.ForeignKey("accounts.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("shipping_address", sa.Text()),
        sa.Column("payment_reference", sa.String(120), unique=True),
        sa.Column("payment_url", sa.String(2000)),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint("account_id", "idempotency_key", name="orders_idempotency_key"),
        sa.CheckConstraint("total_minor > 0", name="orders_total_positive"),
        sa.CheckConstraint("status IN ('pending', 'paid', 'cancelled', 'review')", name="orders_status"),
    )
    op.create_index("ix_orders_account_id_id", "orders", ["account_id", "id"])
    op.create_index("ix_orders_status_created_at", "orders", ["status", "created_at"])
    op.create_table(
        "order_lines",
        sa.Column("order_id", ID, sa.ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("product_id", ID, sa.ForeignKey("products.id", ondelete="RESTRICT"), primary_key=True),
        sa.Column("product_name", sa.String(120), nullable=False),
        sa.Column("unit_price_minor", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="order_lines_quantity"),
        sa.CheckConstraint("unit_price_minor > 0", name="order_lines_price"),
    )
    op.create_index("ix_order_lines_product_id", "order_lines", ["product_id"])
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.String(120), primary_key=True),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
    )
    op.create_index("ix_webhook_events_received_at", "webhook_events", ["received_at"])
    op.create_table(
        "outbox_messages",
        sa.Column("id", ID, primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("account_id", ID, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("order_id", ID, sa.ForeignKey("orders.id", ondelete="CASCADE")),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("status IN ('waiting', 'sent', 'dead')", name="outbox_messages_status"),
        sa.CheckConstraint("attempts >= 0", name="outbox_messages_attempts"),
    )
    op.create_index("ix_outbox_messages_account_id", "outbox_messages", ["account_id"])
    op.create_index("ix_outbox_messages_order_id", "outbox_messages", ["order_id"])
    waiting = sa.text("status = 'waiting'")
    op.create_index("ix_outbox_messages_due", "outbox_messages", ["next_attempt_at"], postgresql_where=waiting)
    op.create_index("ix_outbox_messages_status_created_at", "outbox_messages", ["status", "created_at"])


def downgrade() -> None:
    for table in ("outbox_messages", "webhook_events", "order_lines", "orders", "cart_lines", "carts", "products"):
        op.drop_table(table)
