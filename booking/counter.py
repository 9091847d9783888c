"""What all offices do alike: hash a citizen, check name and phone, show an appointment masked.

The offices for the hall, for home visits, for parking, for erasing and for staff are built on this.
It knows neither HTTP nor SQL.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from booking.errors import RefusalCode, Refused
from booking.privacy import Vault, clean_name, clean_phone, mask_address, mask_name, mask_phone
from booking.records import Limits, Record, RequestId, Strikes
from booking.values import Appointment
from service_catalog.catalog import Catalog

StoreKind = TypeVar("StoreKind")


class Counter(Generic[StoreKind]):
    """An office with its catalogue, its store, its vault and its clock."""

    def __init__(
        self,
        catalog: Callable[[], Awaitable[Catalog]],
        store: StoreKind,
        vault: Vault,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._vault = vault
        self._clock = clock

    def _citizen(self, citizen: str) -> str:
        return self._vault.digest("citizen", citizen)

    def _request(self, wish: Mapping[str, object], key: str) -> RequestId:
        """The idempotency key with the wish that it came with."""
        body = json.dumps(wish, sort_keys=True)
        return RequestId(self._vault.digest("key", key), self._vault.digest("body", body))

    def _named(self, record: Record, name: str, phone: str) -> Record:
        """The record with the name and the phone as they are kept.

        Raises:
            Refused: BAD_NAME or BAD_PHONE.
        """
        cleaned_name, cleaned_phone = clean_name(name), clean_phone(phone)
        if cleaned_name is None:
            raise Refused(RefusalCode.BAD_NAME)
        if cleaned_phone is None:
            raise Refused(RefusalCode.BAD_PHONE)
        return replace(
            record,
            name_sealed=self._vault.seal(cleaned_name),
            phone_sealed=self._vault.seal(cleaned_phone),
            phone_hash=self._vault.digest("phone", cleaned_phone),
        )

    def _reach(self, citizen: str) -> str:
        """Where the citizen's messages go, as it is kept."""
        return self._vault.seal(citizen)

    def _clear(self, sealed: str | None) -> str:
        """What was sealed, in clear; "" of what a hold has not yet, and of what was erased."""
        return self._vault.open(sealed) if sealed else ""

    def _appointment(self, record: Record) -> Appointment:
        name, phone = self._clear(record.name_sealed), self._clear(record.phone_sealed)
        address, principal = record.address_sealed, record.principal_sealed
        return Appointment(
            code=record.code,
            service=record.service,
            service_name=record.service_name,
            place=record.place,
            place_name=record.place_name,
            start=record.starts_at,
            end=record.ends_at,
            status=record.status,
            name=mask_name(name) if name else "",
            phone=mask_phone(phone) if phone else "",
            kind=record.kind,
            address=None if address is None else mask_address(self._vault.open(address)),
            party=record.party,
            principal=None if principal is None else mask_name(self._vault.open(principal)),
            priority=record.priority,
            expires=record.expires_at,
            affected=record.affected_reason,
            arrived=record.checked_in_at,
        )


def limits(catalog: Catalog) -> Limits:
    """What one citizen may book, by the hall's rules of this moment."""
    rules = catalog.hall.booking
    return Limits(
        per_day=rules.per_day,
        per_week=rules.per_week,
        per_month=rules.per_month,
        max_open=rules.max_open,
        strikes=strikes(catalog),
        phone=catalog.hall.phones.enquiry,
    )


def strikes(catalog: Catalog) -> Strikes | None:
    """What follows on a no-show; None in a hall that notes no arrivals."""
    rules = catalog.hall.booking.no_show
    if rules is None:
        return None
    return Strikes(
        grace=timedelta(minutes=rules.grace_minutes),
        within=timedelta(days=rules.within_days),
        warn_after=rules.warn_after,
        suspend_after=rules.suspend_after,
        suspend_for=timedelta(days=rules.suspend_days),
    )
