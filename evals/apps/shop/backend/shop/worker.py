"""The background worker: `python -m shop.worker`. Any number of them may run; `--check` is the container's health check."""

import logging
import signal
import sys
import time
from pathlib import Path
from threading import Event
from types import FrameType

from prometheus_client import start_http_server
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from shop import outbox
from shop.cache import drop_pages
from shop.database import get_engine, session_factory
from shop.logs import configure_logging, request_id
from shop.mailer import Mailer
from shop.mails import deliver
from shop.main import start_error_tracking
from shop.orders import cancel_abandoned
from shop.retention import delete_expired
from shop.settings import get_settings

log = logging.getLogger(__name__)

HEARTBEAT = Path("/tmp/worker-heartbeat")
IDLE_S = 2.0
CHORES_EVERY_S = 300.0


def send_next(sessions: sessionmaker[Session], mailer: Mailer, public_url: str) -> bool:
    """Sends one message of the outbox. False: none was due."""
    with sessions() as db:
        message = outbox.claim(db)
        if message is None:
            return False
        request_id.set(message.request_id)
        error: Exception | None = None
        try:
            deliver(db, message, mailer, public_url)
        except Exception as failure:  # whatever it was, it is recorded and the message is tried again or parked
            db.rollback()
            error = failure
        outbox.settle(db, message, error)
        return True


def do_chores(sessions: sessionmaker[Session]) -> None:
    with sessions() as db:
        if cancel_abandoned(db):
            drop_pages()
        delete_expired(db)
        outbox.measure(db)


def run(stop: Event) -> None:
    settings, sessions = get_settings(), session_factory()
    mailer = Mailer(settings)
    public_url = str(settings.public_url).rstrip("/")
    chores_at = 0.0
    while not stop.is_set():
        HEARTBEAT.touch()
        try:
            if time.monotonic() >= chores_at:
                do_chores(sessions)
                chores_at = time.monotonic() + CHORES_EVERY_S
            busy = send_next(sessions, mailer, public_url)
        except SQLAlchemyError:
            log.exception("database failed, trying again")
            busy = False
        if not busy:
            stop.wait(IDLE_S)


def main() -> int:
    if "--check" in sys.argv:
        return 0 if HEARTBEAT.exists() and time.time() - HEARTBEAT.stat().st_mtime < 60 else 1
    configure_logging()
    start_error_tracking(get_settings())
    stop = Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()  # the message being sent is finished first

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    start_http_server(9100)
    run(stop)
    get_engine().dispose()
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
