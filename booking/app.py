"""The HTTP server of the appointment office, on Sanic: key check, access log, its tasks.

The routes are in `booking.routes`, how refusals are answered in `booking.problems`. Other rooms may
add blueprints; the same key guards them. A citizen's id travels in bodies only, and the log names
routes, never paths: no personal data gets into it.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from time import perf_counter

import structlog
from sanic import Blueprint, Sanic
from sanic.config import Config
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse

from booking import problems, routes, staff_routes
from booking.arrivals import Arrivals
from booking.channel import Channel
from booking.erasing import Erasing
from booking.errors import RefusalCode, Refused
from booking.home_visits import HomeVisits
from booking.keeper import Keeper
from booking.messenger import Messenger
from booking.office import Office
from booking.parking import Parking
from booking.privacy import Vault
from booking.settings import Settings
from booking.sql_store import SqlStore
from booking.staff_office import StaffOffice
from booking.tasks import Tasks
from service_catalog import clock
from service_catalog.catalog import Catalog
from service_catalog.store import LOOK, CatalogStore

MAX_BODY = 64 * 1024
OPEN = frozenset({"/health", "/simulator"})
"""Paths that need no key: whether the server is up, and the way to the simulated phone."""
_SETTLING = 0.05
log = structlog.get_logger()


def create_app(
    settings: Settings,
    catalog: Callable[[], Awaitable[Catalog]] | None = None,
    now: Callable[[], datetime] = clock.now,
    blueprints: Sequence[Blueprint] = (),
) -> Sanic:
    """Make the server.

    Args:
        settings: Where the catalogue and the database are, and the keys.
        catalog: Gives the catalogue of the moment; by default that of `settings.catalog`.
        now: Gives the time; tests set it.
        blueprints: Routes of other rooms, which bring their own start, stop and error handlers.

    Raises:
        ProblemsFound: The catalogue's directory can't be loaded.
    """
    app = Sanic("banshi-booking", config=_config(), configure_logging=False)
    current = catalog or CatalogStore(settings.catalog, search=False, rest=LOOK).fresh
    store, vault = SqlStore(settings.database), Vault(settings.data_key)
    parts = (current, store, vault, now)
    office = Office(*parts)
    app.ctx.office = office
    app.register_middleware(_key_check(settings.key), "request")
    app.register_middleware(_access_log, "response")
    arrivals, erasing = Arrivals(*parts), Erasing(*parts)
    routes.add_appointments(app, office)
    routes.add_holds(app, office)
    routes.add_arrivals(app, arrivals)
    routes.add_home_visits(app, HomeVisits(*parts))
    routes.add_parking(app, Parking(*parts))
    routes.add_erasing(app, erasing)
    staff = StaffOffice(*parts)
    staff_routes.add_staff(app, staff, arrivals)
    problems.install(app)
    for blueprint in blueprints:
        app.blueprint(blueprint)

    @app.before_server_start
    async def open_office(app: Sanic, loop: object) -> None:
        await office.open()

    keeper = Keeper(*parts)
    tasks = Tasks("booking")

    @app.after_server_start
    async def start_tasks(app: Sanic, loop: object) -> None:
        keeper.start(tasks, erasing)
        if settings.bot_url is not None:
            channel = Channel(settings.bot_url, settings.key)
            messenger = Messenger(office, staff, store, vault, current, now)
            tasks.start("messages", partial(messenger.run, channel))

    @app.before_server_stop
    async def stop_tasks(app: Sanic, loop: object) -> None:
        await tasks.stop()

    @app.after_server_start
    async def tell(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        host, port = app.state.sock.getsockname()[:2]
        # A little later, when the loop runs for good: Sanic loses a signal that comes before.
        loop.call_later(_SETTLING, partial(log.info, "booking.started", host=host, port=port))

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


def _key_check(key: str) -> Callable[[Request], HTTPResponse | None]:
    expected = f"Bearer {key}".encode()

    def check(request: Request) -> HTTPResponse | None:
        request.ctx.started = perf_counter()
        if request.path in OPEN:
            return None
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if hmac.compare_digest(given, expected):
            return None
        return problems.refused(request, Refused(RefusalCode.BAD_KEY))

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
