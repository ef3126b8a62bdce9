"""Every error becomes a problem document (RFC 9457) and none of them carries internals or echoes input."""

import logging

import sentry_sdk
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from shop.logs import request_id

log = logging.getLogger(__name__)


class Problem(Exception):
    """An expected refusal: `code` is for programs, `detail` for people."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers


def problem_response(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: object) -> JSONResponse:
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail, "request_id": request_id.get(), **more}
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


async def on_problem(request: Request, error: Problem) -> JSONResponse:
    return problem_response(error.status, error.code, error.detail, error.headers)


async def on_http_error(request: Request, error: HTTPException) -> JSONResponse:
    return problem_response(error.status_code, "http_error", str(error.detail), dict(error.headers or {}))


async def on_invalid_input(request: Request, error: RequestValidationError) -> JSONResponse:
    fields = [{"field": ".".join(str(part) for part in item["loc"]), "message": item["msg"]} for item in error.errors()]
    return problem_response(422, "invalid_input", "Some fields are not valid.", fields=fields)


async def on_database_unavailable(request: Request, error: Exception) -> JSONResponse:
    log.error("database unavailable", exc_info=error)
    sentry_sdk.capture_exception(error)
    return problem_response(503, "unavailable", "The shop is busy. Try again in a moment.", {"Retry-After": "5"})


async def on_unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unhandled error", exc_info=error)
    sentry_sdk.capture_exception(error)
    return problem_response(500, "internal_error", "Something went wrong on our side.")


def add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(Problem, on_problem)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, on_http_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, on_invalid_input)  # type: ignore[arg-type]
    app.add_exception_handler(OperationalError, on_database_unavailable)
    app.add_exception_handler(PoolTimeout, on_database_unavailable)
    app.add_exception_handler(Exception, on_unexpected)
