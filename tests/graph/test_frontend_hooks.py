"""Hooks that hand out functions and clients under other names."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

SERVER = """
const express = require("express");
const app = express();
app.post("/api/auth/login", (req, res) => res.json({}));
"""


def test_a_function_that_a_hook_returns_under_another_name_leads_to_the_form() -> None:
    tracer = tracer_of(
        {
            "server.js": SERVER,
            "web/use-auth.ts": "export default function useAuth() {\n"
            '  const handleSignIn = async (data) => fetch("/api/auth/login", '
            '{ method: "POST", body: data });\n  return { signIn: handleSignIn };\n}\n',
            "web/Login.tsx": 'import React from "react";\nimport useAuth from "./use-auth";\n'
            "export function Login() {\n  const { signIn } = useAuth();\n"
            "  async function onSubmit(data) {\n    await signIn(data);\n  }\n"
            "  return <form onSubmit={onSubmit}><button>Go</button></form>;\n}\n",
        }
    )
    _, chains = tracer.start("POST /api/auth/login")
    first = chains[0].chain.links[0]
    assert (first.stage, first.file, first.line) == ("user_action", "web/Login.tsx", 8)


def test_a_client_that_a_hook_wraps_in_a_callback_is_called_where_it_is_used() -> None:
    tracer = tracer_of(
        {
            "server.js": SERVER,
            "web/useApi.ts": 'import { useCallback } from "react";\nconst getUrl = (url) => `/api${url}`;\n'
            "export function useApi() {\n  return {\n"
            '    post: useCallback(async (url, body) => fetch(getUrl(url), { method: "POST", body }), []),\n  };\n}\n',
            "web/Login.tsx": 'import { useApi } from "./useApi";\nexport function Login() {\n  const { post } = useApi();\n'
            '  return <form onSubmit={() => post("/auth/login", {})} />;\n}\n',
        }
    )
    assert {(m.call.symbol, str(m.call.place)) for m in tracer.linking.matches} == {("POST /api/auth/login", "web/Login.tsx:4")}
