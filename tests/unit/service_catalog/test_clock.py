"""How moments are written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from service_catalog.clock import CHINA, written


def test_equal_moments_of_different_zones_keep_their_own_form():
    here = datetime(2026, 11, 24, 9, 30, tzinfo=CHINA)
    for _ in range(2):
        assert written(here) == "2026-11-24T09:30:00+08:00"
        assert written(here.astimezone(timezone.utc)) == "2026-11-24T01:30:00+00:00"
        same_offset = here.replace(tzinfo=timezone(timedelta(hours=8)))
        assert written(same_offset) == "2026-11-24T09:30:00+08:00"
