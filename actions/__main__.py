"""`python -m actions`: run the action server until it is told to stop."""

from __future__ import annotations

import sys

import structlog

from actions.server import create_app
from actions.settings import Settings
from service_catalog.errors import ProblemsFound

log = structlog.get_logger()


def main() -> int:
    """Run the server; the exit status is 1 when it could not start."""
    try:
        settings = Settings.from_env()
        app = create_app(settings)
        app.run(settings.host, settings.port, access_log=False, motd=False)
    except (ValueError, OSError, ProblemsFound) as error:
        log.error("actions.not_started", fault=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
