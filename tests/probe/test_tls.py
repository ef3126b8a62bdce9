"""A development server signs its own certificate; over TLS a probe can show what plain HTTP cannot."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.conftest import MakeRepo

from backend_readiness.model import Verdict
from backend_readiness.probe.address import target_of
from backend_readiness.probe.exchange import Request
from backend_readiness.probe.running import probe
from backend_readiness.probe.session import Session
from backend_readiness.workspace import Workspace


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 404)
        for name, value in {
            "Content-Type": "text/html",
            "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Strict-Transport-Security": "max-age=63072000",
            "Set-Cookie": "__Host-session=abc; Path=/; HttpOnly; Secure; SameSite=Lax",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"<h1>Shop</h1>")

    do_OPTIONS = do_GET  # the base class looks for this name

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def secure_url(tmp_path: Path) -> Iterator[str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    day = datetime.datetime(2026, 1, 1)  # noqa: DTZ001  # what the builder takes
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    plain = serialization.NoEncryption()
    body = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem.write_bytes(body + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_headers_and_cookies_are_shown_over_tls(secure_url: str, make_repo: MakeRepo) -> None:
    probing = probe(Workspace(make_repo({"app.py": "a = 1\n"})), target_of(secure_url))
    found = {r.id: r for r in probing.results}
    assert found["sec-security-headers"].verdict is Verdict.PASS
    assert found["sec-session-cookie"].verdict is Verdict.PASS
    assert "takes TLS and asks browsers to keep to it" in found["sec-transport-tls"].why


def test_plain_http_to_a_server_of_tls_is_no_answer_and_no_crash(secure_url: str) -> None:
    plain = Session(target_of(secure_url.replace("https", "http"))).ask(Request(method="GET", target="/"))
    assert plain.answer is None
    assert plain.failure
