"""What can be asked about a service. The names are the entities of data/nlu/aspects.yml."""

from __future__ import annotations

from enum import Enum


class Aspect(str, Enum):
    """One side of a service that a citizen asks about, in the order in which answers are given."""

    CONDITIONS = "conditions"
    MATERIALS = "materials"
    WINDOW = "window"
    HOURS = "hours"
    FEE = "fee"
    TIME_LIMIT = "time_limit"
    PROCESS = "process"
    ONLINE = "online"
    APPOINTMENT = "appointment"
    RESULT = "result"
    BASIS = "basis"
    PHONE = "phone"


OF_THE_HALL = frozenset({Aspect.HOURS, Aspect.WINDOW, Aspect.PHONE})
"""Aspects that have an answer for the hall itself, when no service is named."""
