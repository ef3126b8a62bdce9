"""Stand-ins for the services that the shop calls. They live only here."""

import json
import re
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl

from shop.database import session_factory
from shop.worker import send_next


class StripeDouble:
    """Answers like Stripe's Checkout: one session per idempotency key. `failures` statuses are answered first."""

    url = ""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.failures: list[int] = []
        self.calls: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def handler(self) -> type[BaseHTTPRequestHandler]:
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                double.calls.append((self.path, form, {name.lower(): value for name, value in self.headers.items()}))
                status = double.failures.pop(0) if double.failures else 200
                reference = f"cs_{self.headers['Idempotency-Key']}"
                body = json.dumps({"id": reference, "url": f"https://checkout.stripe.com/{reference}"} if status == 200 else {}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler


class MailBox:
    """Takes the place of the mailer: what the worker sends lands in `sent`."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.failing = False

    def send(self, **mail: str) -> None:
        if self.failing:
            raise OSError("mail server away")
        self.sent.append(mail)

    def collect(self) -> list[dict[str, str]]:
        while send_next(session_factory(), self, "https://testserver"):  # type: ignore[arg-type]
            pass
        return self.sent

    def token_for(self, email: str) -> str:
        body = next(mail["body"] for mail in reversed(self.collect()) if mail["to"] == email)
        return re.search(r"#(\S+)", body).group(1)
