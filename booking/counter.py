"""What all offices do alike: hash a citizen, check name and phone, show an appointment masked.

The offices for the hall, for home visits, for parking and for erasing are built on this. It knows
neither HTTP nor SQL.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from booking.errors import RefusalCode, Refused
from booking.privacy import Vault, clean_name, clean_phone, mask_address, mask_name, mask_phone
from booking.store import Record, RequestId
from booking.values import Appointment
from service_catalog.catalog import Catalog

StoreKind = TypeVar("StoreKind")


@dataclass(frozen=True)
class Contact:
    """Name and phone as they are kept."""

    name_sealed: str
    phone_sealed: str
    phone_hash: str


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

    def _contact(self, name: str, phone: str) -> Contact:
        """The name and the phone as they are kept.

        Raises:
            Refused: BAD_NAME or BAD_PHONE.
        """
        cleaned_name, cleaned_phone = clean_name(name), clean_phone(phone)
        if cleaned_name is None:
            raise Refused(RefusalCode.BAD_NAME)
        if cleaned_phone is None:
            raise Refused(RefusalCode.BAD_PHONE)
        return Contact(
            name_sealed=self._vault.seal(cleaned_name),
            phone_sealed=self._vault.seal(cleaned_phone),
            phone_hash=self._vault.digest("phone", cleaned_phone),
        )

    def _appointment(self, record: Record) -> Appointment:
        address = record.address_sealed
        return Appointment(
            code=record.code,
            service=record.service,
            service_name=record.service_name,
            place=record.place,
            place_name=record.place_name,
            start=record.starts_at,
            end=record.ends_at,
            status=record.status,
            name=mask_name(self._vault.open(record.name_sealed)),
            phone=mask_phone(self._vault.open(record.phone_sealed)),
            kind=record.kind,
            address=None if address is None else mask_address(self._vault.open(address)),
        )
