"""What can be asked about a service. The names are the entities of data/nlu/aspects.yml."""

from __future__ import annotations

from enum import Enum


class Aspect(str, Enum):
    """One side of a service that a citizen asks about, in the order in which answers are given."""

    CONDITIONS = "conditions"
    MATERIALS = "materials"
    FORMS = "forms"
    DEFERRABLE = "deferrable"
    WINDOW = "window"
    NEARBY = "nearby"
    TERMINAL = "terminal"
    PARKING = "parking"
    HOURS = "hours"
    FEE = "fee"
    TIME_LIMIT = "time_limit"
    PROCESS = "process"
    ONLINE = "online"
    APP = "app"
    POST = "post"
    AT_HOME = "at_home"
    HELPER = "helper"
    IN_PERSON = "in_person"
    SCOPE = "scope"
    APPOINTMENT = "appointment"
    RESULT = "result"
    BASIS = "basis"
    PHONE = "phone"


OF_THE_HALL = frozenset(
    {
        Aspect.HOURS,
        Aspect.WINDOW,
        Aspect.PHONE,
        Aspect.PARKING,
        Aspect.NEARBY,
        Aspect.TERMINAL,
        Aspect.AT_HOME,
        Aspect.HELPER,
    }
)
"""Aspects that have an answer for the hall itself, when no service is named."""
