"""The outbox: messages are written with the change they tell of, and sent after it is committed."""

import logging
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop import metrics
from shop.logs import request_id
from shop.models import OutboxMessage, now

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
LEASE = timedelta(minutes=5)


def enqueue(db: Session, kind: str, *, account_id: int, order_id: int | None = None) -> None:
    db.add(OutboxMessage(kind=kind, account_id=account_id, order_id=order_id, request_id=request_id.get()))


def claim(db: Session) -> OutboxMessage | None:
    """The message that has waited longest, leased to this worker; a worker that dies lets the lease run out."""
    due = select(OutboxMessage).where(OutboxMessage.status == "waiting", OutboxMessage.next_attempt_at <= now())
    message = db.scalar(due.order_by(OutboxMessage.next_attempt_at).limit(1).with_for_update(skip_locked=True))
    if message is not None:
        message.attempts += 1
        message.next_attempt_at = now() + LEASE
    db.commit()
    return message


def settle(db: Session, message: OutboxMessage, error: Exception | None) -> None:
    """Sent, to be tried again with growing pauses, or dead after `MAX_ATTEMPTS`."""
    changed = update(OutboxMessage).where(OutboxMessage.id == message.id)
    if error is None:
        db.execute(changed.values(status="sent"))
    elif message.attempts >= MAX_ATTEMPTS:
        log.error("message given up", extra={"outbox_id": message.id, "kind": message.kind}, exc_info=error)
        db.execute(changed.values(status="dead"))
    else:
        log.warning("message failed", extra={"outbox_id": message.id, "attempt": message.attempts, "cause": type(error).__name__})
        db.execute(changed.values(next_attempt_at=now() + timedelta(seconds=15 * 2**message.attempts)))
    db.commit()


def measure(db: Session) -> None:
    counts = dict(db.execute(select(OutboxMessage.status, func.count()).group_by(OutboxMessage.status)).tuples().all())
    metrics.OUTBOX_WAITING.set(counts.get("waiting", 0))
    metrics.OUTBOX_DEAD.set(counts.get("dead", 0))
