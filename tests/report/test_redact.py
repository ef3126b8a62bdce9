from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_readiness.report.redact import redact, redact_lines

# Written in two parts, so that no scanner takes this file for a leak.
TOKENS = [
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "a1B2c3D4e5" * 4,
    "glpat-" + "x1Y2z3A4b5C6d7E8f9G0",
    "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "sk-ant-" + "api03-abcdefghij0123456789",
    "xoxb-" + "123456789012-abcdefABCDEF",
    "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "whsec_" + "abcdefghijklmnop12345678",
    # Known to detect-secrets only.
    "AC" + "0123456789abcdef0123456789abcdef",
    "0123456789abcdef" + "0123456789abcdef-us12",
    "sq0csp-" + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_of_known_shape_never_passes(token: str) -> None:
    assert token not in redact(f"x = '{token}' # {token}")


@pytest.mark.parametrize(
    "text,secret",
    [
        ('SECRET_KEY = "k3y-9fA8xZ-3bQ!"', "k3y-9fA8xZ-3bQ!"),
        ("jwt_secret: 'a8f5f167f44f4964e6c998dee827110c'", "a8f5f167"),
        ('"apiKey": "9aF3-77bC-x2"', "9aF3-77bC-x2"),
        ("API_KEY=9f86d081884c7d659a2feaa0c55ad015", "9f86d081"),
        ("DATABASE_URL=postgres://app:hunter2@db:5432/x", "hunter2"),
        ('headers = {"Authorization": "Bearer a1b2c3d4e5f6a7b8c9d0"}', "a1b2c3d4"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabc/def+ghi\n-----END RSA PRIVATE KEY-----", "MIIEow"),
    ],
)
def test_a_value_that_is_assigned_to_a_telling_name_is_taken_out(text: str, secret: str) -> None:
    out = redact(text)
    assert secret not in out
    assert "[redacted]" in out
    assert out.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "password = get_password_hash(user_in.password1)",
        'SECRET_KEY = os.environ["SECRET_KEY_2"]',
        "secret: process.env.JWT_SECRET_2,",
        'SECRET_KEY = "changethis"',
        'url = f"postgres://{user}:{password}@db/x"',
        "access_token = create_access_token_v2_1",
        'api_key = "/etc/keys/api1.pem"',
        "ACCESS_TOKEN_EXPIRE_MINUTES: int = 60 * 24 * 8",
        "from app.tokens import Token2, secret_of",
        "https://example.com/a:b/c@d",
        'import { APPLICATION_CONFIGURATION_PROVIDER } from "./application-configuration-provider"',
        'key = "frontend_handler_of_the_order_form_component"',
        '"integrity": "sha512-3b4ZtPz+Jq0bN2f1vXrE8sO9uYk7wQ6mLhTgRcVdSaXeIyUoPzMnBvCxZlKjHgFd=="',
        "commit 7a65329f41d388b1ef23025724a46a7e3bb74436",
    ],
)
def test_code_that_only_handles_secrets_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


@given(
    st.lists(
        st.sampled_from([*TOKENS, "secret", " = ", '"', "://", ":", "@", "\n", "Bearer ", "A1b2C3d4E5f6G7h8", "x", "[redacted]"]),
        max_size=12,
    )
)
def test_redaction_is_stable_and_keeps_the_lines(parts: list[str]) -> None:
    text = "".join(parts)
    once = redact(text)
    assert redact(once) == once
    assert once.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "piece", ["-----BEGIN RSA PRIVATE KEY-----", "-eyJ", "secret", 'secret="', "://a", "Bearer ", "token ", "a1", "secret=" + "a1B2" * 100]
)
def test_hostile_text_of_a_megabyte_costs_little(piece: str) -> None:
    started = time.process_time()
    redact(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 8


KEY = [
    "-----BEGIN RSA PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED",
    "",
    *(f"MIICXgIBAAKBgQCfn8uP4Fu{n:02}" for n in range(20)),
    "9c==",
    "-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("indent,end", [("", ""), ("    ", ""), ('  "', '\\n" +'), ("'", "',")])
def test_any_lines_of_a_private_key_are_taken_out(indent: str, end: str) -> None:
    lines = ["key = (", *(f"{indent}{line}{end}" for line in KEY), ")", "MIICXgIBAAKBgQCfn8uP4Fu00"]
    for first in range(3, len(KEY)):
        assert "MIIC" not in "".join(redact_lines(lines, first, len(KEY) + 1)), first
    assert redact_lines(lines, 1, 2) == ["key = (", f"{indent}{KEY[0]}{end}"]
    assert redact_lines(lines, len(KEY) + 1, len(lines)) == lines[len(KEY) :]


def test_code_after_the_name_of_a_key_stays() -> None:
    lines = [
        'if text.startswith("-----BEGIN PRIVATE KEY-----"):',
        "    return parse(text)",
        "abc",
        "-----BEGIN CERTIFICATE-----",
        "MIICXgIB",
    ]
    assert redact_lines(lines, 1, 5) == lines
