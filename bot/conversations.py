"""Where conversations are kept: Rasa's SQL tracker store with what people said encrypted at rest.

Names, mobile numbers and whole sentences of citizens stand in Rasa's events. Their JSON is
encrypted with a key derived from `BANSHI_DATA_KEY` before it reaches the database.
"""

from __future__ import annotations

import base64
import os
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator


class EncryptedText(TypeDecorator):
    """A text column whose content is Fernet ciphertext in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: object) -> str | None:
        """Encrypt on the way in."""
        return None if value is None else _cipher().encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: object) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else _cipher().decrypt(value.encode()).decode()


def _cipher() -> Fernet:
    secret = os.environ.get("BANSHI_DATA_KEY")
    if not secret:
        raise ValueError("BANSHI_DATA_KEY is not set: start with `banshi up`, which makes one")
    key = HKDF(SHA256(), 32, salt=None, info=b"banshi conversations").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))


class EncryptedTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store over `url`, its event data encrypted.

    The column's type is changed on Rasa's own event table: the table, its indexes and all queries
    stay Rasa's.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: str = "sqlite://",
        event_broker: EventBroker | None = None,
        **kwargs: Any,  # noqa: ANN401 - Rasa's
    ) -> None:
        """Open the store; Rasa hands the endpoint's `url` over as `host`."""
        self.SQLEvent.__table__.c.data.type = EncryptedText()
        super().__init__(domain, host=host, event_broker=event_broker, **kwargs)
