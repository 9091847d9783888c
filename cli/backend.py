"""`python -m cli.backend`: run the backend (appointments and the desk) until it is told to stop.

SIGTERM and SIGINT let running requests finish, end the tasks behind the desk, then close the
database. Both rooms share one server, one key, one catalogue and one database.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import sys

import structlog
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, redirect
from structlog.typing import Processor

from booking.app import create_app
from booking.office import Office
from booking.settings import BadSettings, Settings
from database.errors import WrongDatabase
from desk.room import Room
from desk.settings import DeskSettings
from desk.web import make_blueprint
from service_catalog.errors import ProblemsFound
from service_catalog.store import LOOK, CatalogStore

log = structlog.get_logger()


def main() -> int:
    """Run the server; the exit status is 0 after an orderly stop, 1 when it could not start."""
    _set_up_logs()
    os.umask(0o077)  # the database is for this user alone
    try:
        settings = Settings.from_environment(os.environ)
        port = os.environ.get("BANSHI_SIMULATOR_PORT", "")
        app = compose(settings, DeskSettings.from_environment(os.environ), port)
        asyncio.run(_check_database(app.ctx.office, app.ctx.desk))
        sock = _listen(settings)
    except (BadSettings, ProblemsFound, WrongDatabase) as error:
        log.error("booking.not_started", faults=str(error).splitlines())
        return 1
    except OSError as error:
        log.error("booking.not_started", faults=[str(error)])
        return 1
    # What is there now stays: to go through it at every full collection would stop the server for
    # a tenth of a second.
    gc.collect()
    gc.freeze()
    app.run(sock=sock, access_log=False, motd=False)
    return 0


def compose(settings: Settings, desk: DeskSettings, simulator: str = "") -> Sanic:
    """The server with both rooms, which read one catalogue.

    Args:
        settings: Those of the office.
        desk: Those of the desk.
        simulator: The port of the simulator, to whose page /simulator leads; empty for none.

    Raises:
        ProblemsFound: The catalogue's directory can't be loaded.
        WrongDatabase: The database's address can't be read.
    """
    catalog = CatalogStore(settings.catalog, search=False, rest=LOOK).fresh
    room = Room(settings, desk, catalog)
    blueprints = [make_blueprint(room)]
    if simulator:
        blueprints.append(_door_to_the_simulator(simulator))
    app = create_app(settings, catalog, blueprints=blueprints)
    app.ctx.desk = room
    return app


def _door_to_the_simulator(port: str) -> Blueprint:
    """It listens on loopback alone, so that is where the browser must be."""
    door = Blueprint("simulator")

    @door.get("/simulator")
    async def lead(request: Request) -> HTTPResponse:
        return redirect(f"http://127.0.0.1:{port}/simulator")

    return door


async def _check_database(office: Office, room: Room) -> None:
    """Open the database once before the server does, where a fault is a clear error."""
    for part in (office, room):
        try:
            await part.open()
        finally:
            await part.close()


def _listen(settings: Settings) -> socket.socket:
    """Take the port before anything else starts, so that a port in use is a clear error."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family)


def _set_up_logs() -> None:
    """One JSON object a line on standard error, ours and the libraries' alike."""
    common: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
    ]
    write = structlog.processors.JSONRenderer(ensure_ascii=False)
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, write],
        foreign_pre_chain=common,
    )
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[libraries])
    structlog.configure(
        processors=[*common, write],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
