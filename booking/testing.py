"""For tests of this room and of those that call it: a small hall, and a running backend.

The hall is open on workdays 09:00-12:00 and 13:30-17:00 and on Saturdays 09:00-11:00; its town
centre on workdays 09:00-12:00. Nothing here is used by the product itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from sanic import Blueprint, Sanic

from booking.app import create_app
from booking.settings import Settings
from service_catalog.calendar import HallCalendar
from service_catalog.catalog import Catalog
from service_catalog.model import (
    Bundle,
    CalendarNotes,
    Hall,
    HomeVisits,
    Lexicon,
    Part,
    Place,
    PriorityGroup,
    Service,
)
from service_catalog.search import Sayings, SearchIndex

KEY = "a key for callers in tests"
DATA_KEY = "a secret for personal data in tests"
PHONES = {"enquiry": "0571-88880001", "complaint": "0571-88880002"}
_HALL = "district-hall"
_TOWN = "town-centre"


def sample_service(
    service: str,
    name: str,
    booking: Mapping[str, Any] | None,
    until: date | None = None,
    windows: Sequence[str] = ("1",),
) -> Service:
    """A service of which only the booking entry, windows and the last day in force matter."""
    places = booking["places"] if booking else ()
    return Service.parse_obj(
        {
            "id": service,
            "name": name,
            "department": "公安分局",
            "kind": "行政确认",
            "audience": ["自然人"],
            "basis": ["《中华人民共和国居民身份证法》"],
            "conditions": ["年满16周岁"],
            "handling": "即办件",
            "visits": {"count": 0},
            "fee": {},
            "process": ["申请"],
            "channels": {
                "online": {"name": "网上办"},
                "window": [{"place": place, "windows": list(windows)} for place in places],
            },
            "booking": booking,
            "phones": PHONES,
            "effective_from": date(2020, 1, 1),
            "effective_until": until,
            "checked_on": date(2020, 1, 1),
            "checked_by": "测试",
        }
    )


def sample_bundle(
    bundle: str, name: str, booking: Mapping[str, Any], windows: Sequence[str] = ("1",)
) -> Bundle:
    """A bundle of the passport and the permit that these windows take whole."""
    return Bundle.parse_obj(
        {
            "id": bundle,
            "name": name,
            "audience": ["自然人"],
            "summary": "护照和通行证一次办",
            "parts": [{"service": "passport"}, {"service": "permit"}],
            "form": "一张表",
            "window": [{"place": place, "windows": windows} for place in booking["places"]],
            "booking": booking,
            "promised_limit": {"number": 5, "unit": "工作日"},
            "visits": {"count": 1, "reason": "拍照"},
            "phones": PHONES,
            "effective_from": date(2020, 1, 1),
            "checked_on": date(2020, 1, 1),
            "checked_by": "测试",
        }
    )


def sample_services(capacity: int = 3) -> tuple[Service, ...]:
    """Three services that take appointments, and one that doesn't.

    Args:
        capacity: How many places each slot of the first one has.
    """
    id_card = {"minutes": 30, "capacity": capacity, "places": [_HALL, _TOWN]}
    passport = {"minutes": 15, "capacity": 1, "places": [_HALL]}
    permit = {"minutes": 60, "capacity": 2, "places": [_HALL]}
    return (
        sample_service("id-card", "居民身份证换领", id_card),
        sample_service("passport", "普通护照签发", passport),
        sample_service("permit", "港澳通行证签发", permit),
        sample_service("tax", "开具完税证明", None),
    )


def sample_place(
    place: str,
    name: str,
    hours: Mapping[str, object],
    bind_plate: bool = False,
    windows: Sequence[str] = ("1",),
) -> Place:
    """A place of which only hours, windows, and the parking for registered plates matter."""
    return Place.parse_obj(
        {
            "id": place,
            "name": name,
            "level": "区级",
            "address": "办事路1号",
            "phone": "0571-88880001",
            "hours": hours,
            "parking": {"bind_plate": bind_plate},
            "windows": [
                {"number": number, "name": "综合窗口", "floor": 1, "zone": "A区"}
                for number in windows
            ],
        }
    )


_RULES = {
    "first_workday": 1,
    "last_workday": 5,
    "cancel_hours": 2,
    "per_day": 1,
    "per_week": 2,
    "bring": "身份证",
}


def sample_places(windows: Sequence[str] = ("1",)) -> tuple[Place, ...]:
    """The hall with these windows, and its town centre with one."""
    hours = {"workdays": ["09:00-12:00", "13:30-17:00"], "saturday": ["09:00-11:00"]}
    return (
        sample_place(_HALL, "区政务服务中心", hours, bind_plate=True, windows=windows),
        sample_place(_TOWN, "青石镇便民服务中心", {"workdays": ["09:00-12:00"]}),
    )


PLACES = sample_places()
HOME_VISITS = HomeVisits.parse_obj(
    {
        "rules": [
            {
                "id": "elderly",
                "name": "老年人上门服务",
                "who": "60周岁以上、行动不便的老年人",
                "min_age": 60,
                "area": "全区",
                "services": ["id-card", "permit"],
                "hours": "工作日",
                "days_ahead": 3,
                "per_day": 2,
                "phone": PHONES["enquiry"],
            },
            {
                "id": "bedridden",
                "name": "卧床人员上门服务",
                "who": "长期卧床的人",
                "area": "全区",
                "services": ["id-card"],
                "hours": "工作日",
                "days_ahead": 0,
                "phone": PHONES["enquiry"],
            },
        ]
    }
)


def sample_catalog(
    services: tuple[Service, ...] | None = None,
    notes: CalendarNotes | None = None,
    **rules: object,
) -> Catalog:
    """The small hall: book 1 to 5 workdays ahead, cancel 2 hours before, 1 a day, 2 a week.

    Args:
        services: Instead of `sample_services()`.
        notes: The hall's calendar.
        rules: Fields of `BookingRules` to change.
    """
    services = sample_services() if services is None else services
    hall = Hall.parse_obj(
        {
            "district": "湖滨区",
            "name": "湖滨区政务服务中心",
            "place": _HALL,
            "phones": PHONES,
            "booking": {**_RULES, **rules},
        }
    )
    return Catalog(
        hall=hall,
        services={service.id: service for service in services},
        places={place.id: place for place in PLACES},
        calendar=HallCalendar(notes or CalendarNotes.parse_obj({})),
        home_visits=HOME_VISITS.rules,
        make_index=lambda: SearchIndex(services, Sayings(Lexicon.parse_obj({}))),
        version="test",
    )


def busy_catalog(**rules: object) -> Catalog:
    """A hall with two windows, places for old people, a bundle, and arrivals that are noted.

    The ID card has 3 places in half an hour, shared by both windows, one of them reserved; the
    permit 2 in an hour at window 1, the bundle 1 in an hour at window 2.

    Args:
        rules: Fields of `BookingRules` to change.
    """
    card = {"minutes": 30, "capacity": 3, "reserved": 1, "places": [_HALL]}
    permit = {"minutes": 60, "capacity": 2, "places": [_HALL, _TOWN]}
    travel = {"minutes": 60, "capacity": 1, "places": [_HALL]}
    services = (
        sample_service("id-card", "居民身份证换领", card, windows=("1", "2")),
        sample_service("passport", "普通护照签发", None),
        sample_service("permit", "港澳通行证签发", permit),
    )
    no_show = {"grace_minutes": 30, "warn_after": 1, "suspend_after": 2, "suspend_days": 10}
    elderly = {"id": "elderly", "name": "60周岁以上老年人", "proof": "身份证", "offers": ["优先"]}
    return replace(
        sample_catalog(services, None, **{"first_workday": 0, "no_show": no_show, **rules}),
        places={place.id: place for place in sample_places(("1", "2"))},
        bundles={"travel": sample_bundle("travel", "出国“一件事”", travel, ("2",))},
        priority=(PriorityGroup.parse_obj(elderly),),
    )


def write_catalog(catalog: Catalog, directory: Path) -> None:
    """Write a catalogue as the YAML from which a backend process can load it."""
    files: Mapping[str, Part] = {
        "hall.yml": catalog.hall,
        "home_visits.yml": HomeVisits(rules=catalog.home_visits),
        **{f"places/{place.id}.yml": place for place in catalog.places.values()},
        **{f"services/{service.id}.yml": service for service in catalog.services.values()},
    }
    for name, part in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = json.loads(part.json(exclude_none=True))
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def sample_settings(directory: Path, database: str | None = None) -> Settings:
    """Settings with this database, or with one on SQLite in `directory`."""
    return Settings(
        catalog=directory / "catalog",
        database=database or f"sqlite+aiosqlite:///{directory / 'booking.db'}",
        key=KEY,
        data_key=DATA_KEY,
        port=0,
    )


@dataclass
class BackendProcess:
    """A backend in a process of its own.

    Attributes:
        process: The process.
        url: Its base URL.
        logs: What it has logged so far, one entry a line.
    """

    process: asyncio.subprocess.Process
    url: str = ""
    logs: list[dict[str, Any]] = field(default_factory=list)

    async def read_logs(self, until: str | None = None) -> dict[str, Any] | None:
        """Read the log up to the event `until`, or to its end; gives that event."""
        if self.process.stderr is None:
            raise RuntimeError("the log is not piped")
        async for line in self.process.stderr:
            self.logs.append(json.loads(line))
            if until is not None and self.logs[-1]["event"] == until:
                return self.logs[-1]
        return None


@asynccontextmanager
async def backend_process(environment: Mapping[str, str]) -> AsyncIterator[BackendProcess]:
    """`python -m cli.backend` with these BANSHI_ variables; stopped in the end if need be."""
    outside = {name: text for name, text in os.environ.items() if not name.startswith("BANSHI_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cli.backend",
        env={**outside, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    backend = BackendProcess(process)
    try:
        started = await asyncio.wait_for(backend.read_logs("booking.started"), 60)
        if started is None:
            await process.wait()
            raise RuntimeError(f"the backend did not start: {backend.logs}")
        backend.url = f"http://{started['host']}:{started['port']}"
        reading = asyncio.create_task(backend.read_logs())
        yield backend
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(reading, 30)
        await asyncio.wait_for(process.wait(), 30)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def serving(
    settings: Settings,
    catalog: Callable[[], Catalog],
    now: Callable[[], datetime],
    blueprints: Sequence[Blueprint] = (),
) -> AsyncIterator[str]:
    """A real backend on a free port of this machine, in this event loop; gives its base URL."""

    async def current() -> Catalog:
        return catalog()

    Sanic.test_mode = True  # lets one process start several servers, one after the other
    app = create_app(settings, current, now, blueprints)
    sock = socket.create_server((settings.host, settings.port))
    server: Any = await app.create_server(
        sock=sock,
        return_asyncio_server=True,
        access_log=False,
        asyncio_server_kwargs={"start_serving": False},
    )
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    try:
        yield f"http://{settings.host}:{sock.getsockname()[1]}"
    finally:
        await server.before_stop()
        await server.close()
        for connection in list(server.connections):
            connection.abort()
        await server.after_stop()
