"""How long each kind of record is kept; the worker deletes what is older. docs/data.md explains the periods."""

import logging
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shop.models import AuditEvent, LoginSession, OutboxMessage, SignInThrottle, VerificationToken, WebhookEvent, now

log = logging.getLogger(__name__)


def delete_expired(db: Session) -> None:
    moment = now()
    old = {
        "sessions": delete(LoginSession).where(LoginSession.expires_at < moment),
        "verification_tokens": delete(VerificationToken).where(VerificationToken.expires_at < moment),
        "sign_in_throttles": delete(SignInThrottle).where(SignInThrottle.updated_at < moment - timedelta(days=1)),
        "webhook_events": delete(WebhookEvent).where(WebhookEvent.received_at < moment - timedelta(days=90)),
        "outbox": delete(OutboxMessage).where(OutboxMessage.status == "sent", OutboxMessage.created_at < moment - timedelta(days=30)),
        "audit": delete(AuditEvent).where(AuditEvent.at < moment - timedelta(days=400)),
    }
    for name, statement in old.items():
        deleted = db.execute(statement)
        db.commit()
        log.info("retention", extra={"records": name, "deleted": getattr(deleted, "rowcount", 0)})
