"""Rewrites between browser and backend, in every place where they are written."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.graph.trace import Tracer
from backend_readiness.model import LinkStatus

BACKEND = """from fastapi import FastAPI
app = FastAPI()
@app.get("/orders")
def index(): ...
@app.get("/v1/orders")
def newer(): ...
"""
CALL = 'export const load = () => fetch("/api/orders");\n'

STRIPPING = {
    "vite.config.ts": (
        "export default defineConfig({ server: { proxy: {\n"
        "  '/api': { target: 'http://localhost:8000', rewrite: (path) => path.replace(/^\\/api/, '') },\n} } });\n"
    ),
    "vue.config.js": "module.exports = { devServer: { proxy: { '/api': { target: 'http://x', pathRewrite: { '^/api': '' } } } } };\n",
    "src/setupProxy.js": (
        "const { createProxyMiddleware } = require('http-proxy-middleware');\n"
        "module.exports = (app) => app.use(createProxyMiddleware('/api', { target: 'http://x', pathRewrite: { '^/api': '/' } }));\n"
    ),
    "next.config.js": (
        "module.exports = { async rewrites() { return [{ source: '/api/:path*', destination: 'http://localhost:8000/:path*' }]; } };\n"
    ),
    "proxy.conf.json": '{"/api": {"target": "http://x", "pathRewrite": {"^/api": ""}}}',
    "deploy/nginx.conf": (
        "server {\n  # location /api/ { proxy_pass http://none/x; }\n  location /api/ {\n    proxy_pass http://backend:8000/;\n  }\n}\n"
    ),
    "nginx/default.conf": "location /api {\n  rewrite ^/api/(.*)$ /$1 break;\n  proxy_pass http://backend;\n}\n",
}


def status_of(tracer: Tracer, route: str) -> list[LinkStatus]:
    return [m.status for m in tracer.linking.matches if str(m.route.route.endpoint) == route]


@pytest.mark.parametrize("file", STRIPPING)
def test_a_proxy_that_takes_a_prefix_off_leads_to_the_route_behind_it(file: str) -> None:
    tracer = tracer_of({"app.py": BACKEND, "src/api.js": CALL, file: STRIPPING[file]})
    assert status_of(tracer, "GET /orders") == [LinkStatus.CONFIRMED]
    assert "behind the proxy" in tracer.linking.matches[0].why


def test_a_rewrite_may_put_another_prefix_in_place() -> None:
    config = "module.exports = { async rewrites() { return [{ source: '/api/:path*', destination: 'http://host/v1/:path*' }]; } };\n"
    tracer = tracer_of({"app.py": BACKEND, "src/api.js": CALL, "next.config.js": config})
    assert status_of(tracer, "GET /v1/orders") == [LinkStatus.CONFIRMED]
    assert status_of(tracer, "GET /orders") == []


def test_a_proxy_that_keeps_the_path_changes_nothing() -> None:
    backend = BACKEND.replace('"/orders"', '"/api/orders"')
    config = "export default { server: { proxy: { '/api': 'http://localhost:8000' } } };\n"
    tracer = tracer_of({"app.py": backend, "src/api.js": CALL, "vite.config.js": config})
    assert status_of(tracer, "GET /api/orders") == [LinkStatus.CONFIRMED]


def test_a_call_to_another_host_does_not_go_through_the_proxy() -> None:
    call = 'export const load = () => fetch("https://elsewhere.example.com/api/orders");\n'
    tracer = tracer_of({"app.py": BACKEND, "src/api.js": call, "proxy.conf.json": STRIPPING["proxy.conf.json"]})
    assert tracer.linking.matches == []
    assert [u.reason for u in tracer.linking.unmatched] == ["other host"]


def test_broken_and_hostile_configuration_is_passed_over() -> None:
    files = {"proxy.conf.json": "[" * 5000, "nginx.conf": "location /api { " * 2000, "vite.config.ts": "export default {{{"}
    tracer = tracer_of({"app.py": BACKEND, "src/api.js": CALL, **files})
    assert all(m.status is not LinkStatus.CONFIRMED for m in tracer.linking.matches)
