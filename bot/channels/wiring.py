"""What the channel is made of, from the settings: its memory, its templates, its way when late."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from bot.channels.journal import FileJournal, Journal
from bot.channels.redis_journal import RedisJournal
from bot.conversations import Retention
from bot.settings import conversations, journal_file, redis_url
from wechat.errors import AccountError
from wechat.notices import Notices, read_notices

LATE_SETTING = "BANSHI_WECHAT_LATE"
NOTICES = "BANSHI_WECHAT_NOTICES"


class Late(Enum):
    """What becomes of an answer that misses WeChat's five seconds."""

    KEEP = "keep"  # shown before the answer to the citizen's next message
    CUSTOMER_SERVICE = "customer-service"  # sent as a customer-service message when ready


def late_setting(environ: Mapping[str, str]) -> Late:
    """What becomes of late answers (`BANSHI_WECHAT_LATE`).

    Raises:
        AccountError: It is neither of the two.
    """
    value = environ.get(LATE_SETTING, "").strip() or Late.KEEP.value
    try:
        return Late(value)
    except ValueError:
        remedy = "Use keep or customer-service."
        raise AccountError(LATE_SETTING, "is unknown", remedy) from None


def notices_setting(environ: Mapping[str, str]) -> Notices:
    """The account's templates (`BANSHI_WECHAT_NOTICES`), none when no file is set.

    Raises:
        NoticesError: The file can't be used.
    """
    file = environ.get(NOTICES, "").strip()
    return read_notices(Path(file)) if file else {}


def open_journal() -> Journal:
    """The channel's memory: in Redis when one is set, else in a file.

    Raises:
        ValueError: Redis's address is none.
    """
    url = redis_url()
    return RedisJournal(url) if url else FileJournal(journal_file())


def retention_setting() -> Retention | None:
    """What deletes old conversations, if they are kept.

    Raises:
        ValueError: The days are no number.
    """
    settings = conversations()
    return Retention(settings.url, settings.keep_days) if settings.url else None
