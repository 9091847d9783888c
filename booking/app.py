"""The HTTP server of the appointment office, on Sanic: routes, key check, problems, access log.

Handlers read the request, ask the office and write JSON. Refusals become application/problem+json
(RFC 9457) with a closed `code`, the citizen's sentence in `detail` and free slots in `nearest`. A
citizen's id travels in bodies only, and the log names routes, never paths: no personal data gets
into it.
"""

from __future__ import annotations

import hmac
import json
import traceback
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from time import perf_counter
from typing import Any

import structlog
from sanic import Sanic
from sanic.config import Config
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse

from booking.errors import RefusalCode, Refused
from booking.intake import (
    AvailabilityQuery,
    BookBody,
    CitizenBody,
    NearestQuery,
    bad_request,
    read_body,
    read_idempotency_key,
    read_query,
)
from booking.office import Office, Wish
from booking.privacy import Vault
from booking.settings import Settings
from booking.sql_store import SqlStore
from service_catalog import clock
from service_catalog.catalog import Catalog
from service_catalog.store import CatalogStore

MAX_BODY = 64 * 1024
log = structlog.get_logger()


def create_app(
    settings: Settings,
    catalog: Callable[[], Awaitable[Catalog]] | None = None,
    now: Callable[[], datetime] = clock.now,
) -> Sanic:
    """Make the server.

    Args:
        settings: Where the catalogue and the database are, and the keys.
        catalog: Gives the catalogue of the moment; by default that of `settings.catalog`.
        now: Gives the time; tests set it.

    Raises:
        ProblemsFound: The catalogue's directory can't be loaded.
    """
    app = Sanic("banshi-booking", config=_config(), configure_logging=False)
    office = Office(
        catalog or CatalogStore(settings.catalog, search=False).fresh,
        SqlStore(settings.database),
        Vault(settings.data_key),
        now,
    )
    app.ctx.office = office
    app.register_middleware(_key_check(settings.key), "request")
    app.register_middleware(_access_log, "response")
    _add_routes(app, office)
    app.error_handler.add(Refused, _refused)
    app.error_handler.add(SanicException, _rejected)
    app.error_handler.add(Exception, _failed)

    @app.before_server_start
    async def open_office(app: Sanic, loop: object) -> None:
        await office.open()

    @app.after_server_start
    async def tell(app: Sanic, loop: object) -> None:
        host, port = app.state.sock.getsockname()[:2]
        log.info("booking.started", host=host, port=port)

    @app.after_server_stop
    async def close_office(app: Sanic, loop: object) -> None:
        await office.close()
        log.info("booking.stopped")

    return app


def _config() -> Config:
    config = Config(env_prefix="")
    config.REGISTER = False  # no global registry: one process may hold several, as tests do
    config.ACCESS_LOG = False  # Sanic's own log would show query strings and addresses
    config.MOTD = False
    config.REQUEST_MAX_SIZE = MAX_BODY
    config.REQUEST_TIMEOUT = 10
    config.RESPONSE_TIMEOUT = 20
    config.KEEP_ALIVE_TIMEOUT = 75  # longer than the client keeps a connection, so that it closes
    config.GRACEFUL_SHUTDOWN_TIMEOUT = 10.0
    return config


def _add_routes(app: Sanic, office: Office) -> None:
    @app.get("/health")
    async def health(request: Request) -> HTTPResponse:
        return _json({"status": "ok"})

    @app.get("/v1/availability")
    async def availability(request: Request) -> HTTPResponse:
        query = read_query(AvailabilityQuery, _query(request))
        days = await office.availability(query.service, query.first, query.until, query.place)
        return _json({"days": [day.as_json() for day in days]})

    @app.get("/v1/nearest")
    async def nearest(request: Request) -> HTTPResponse:
        query = read_query(NearestQuery, _query(request))
        slots = await office.nearest(query.service, query.wanted, query.place, query.limit)
        return _json({"slots": [slot.as_json() for slot in slots]})

    @app.post("/v1/appointments")
    async def book(request: Request) -> HTTPResponse:
        key = read_idempotency_key(request.headers.get("Idempotency-Key"))
        wish = Wish(**read_body(BookBody, request.body).dict())
        appointment = await office.book(wish, key)
        return _json(appointment.as_json(), status=201)

    # A search by POST, so that the citizen's id stands in no URL and hence in no proxy's log.
    @app.post("/v1/appointments/search")
    async def search(request: Request) -> HTTPResponse:
        body = read_body(CitizenBody, request.body)
        appointments = await office.appointments(body.citizen)
        return _json({"appointments": [appointment.as_json() for appointment in appointments]})

    @app.post("/v1/appointments/<code>/cancel")
    async def cancel(request: Request, code: str) -> HTTPResponse:
        body = read_body(CitizenBody, request.body)
        return _json((await office.cancel(body.citizen, code)).as_json())


def _query(request: Request) -> Mapping[str, list[str]]:
    return dict(request.get_args(keep_blank_values=True))


def _key_check(key: str) -> Callable[[Request], HTTPResponse | None]:
    expected = f"Bearer {key}".encode()

    def check(request: Request) -> HTTPResponse | None:
        request.ctx.started = perf_counter()
        if request.path == "/health":
            return None
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if hmac.compare_digest(given, expected):
            return None
        return _refused(request, Refused(RefusalCode.BAD_KEY))

    return check


def _access_log(request: Request, response: BaseHTTPResponse) -> None:
    started = getattr(request.ctx, "started", None)
    log.info(
        "booking.request",
        method=request.method,
        route=request.route.path if request.route else None,
        status=response.status,
        refusal=getattr(request.ctx, "refusal", None),
        ms=None if started is None else round((perf_counter() - started) * 1000, 1),
    )


def _refused(request: Request, refused: Refused, status: int | None = None) -> HTTPResponse:
    code = refused.code
    request.ctx.refusal = code.value
    problem: dict[str, Any] = {
        "code": code.value,
        "detail": refused.sentence,
        "nearest": [slot.as_json() for slot in refused.nearest],
    }
    if refused.note:
        problem["note"] = refused.note
    return _problem(status or code.status, code.value, problem)


def _rejected(request: Request, error: SanicException) -> HTTPResponse:
    """What Sanic itself turns down: unknown paths, wrong methods, bodies too large, time-outs."""
    status = error.status_code or 500
    if 400 <= status < 500:
        return _refused(request, bad_request(type(error).__name__), status)
    return _failed(request, error)


def _failed(request: Request, error: Exception) -> HTTPResponse:
    # Where, but not the error's message: it could hold personal data.
    where = traceback.format_tb(error.__traceback__)
    log.error("booking.failed", error=type(error).__name__, where=where)
    status = getattr(error, "status_code", None) or 500
    return _problem(status, "INTERNAL", {"code": "INTERNAL"})


def _problem(status: int, kind: str, members: Mapping[str, object]) -> HTTPResponse:
    problem = {
        "type": f"urn:banshi:booking:{kind.lower().replace('_', '-')}",
        "title": kind.replace("_", " ").capitalize(),
        "status": status,
        **members,
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return _json(problem, status, "application/problem+json", headers)


def _json(
    data: Mapping[str, object],
    status: int = 200,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> HTTPResponse:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return HTTPResponse(body, status, headers, content_type)
