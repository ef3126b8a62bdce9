"""The audit trail: written in the transaction of the action that it records."""

from fastapi import Request
from sqlalchemy.orm import Session

from shop.logs import request_id
from shop.models import AuditEvent


def record(db: Session, *, actor: str, action: str, object: str, request: Request | None = None) -> None:
    """`actor` and `object` are `kind:id`, e.g. `account:7`, `order:12`, `system:worker`."""
    client_ip = request.client.host if request is not None and request.client else ""
    db.add(AuditEvent(actor=actor, action=action, object=object, request_id=request_id.get(), client_ip=client_ip))
