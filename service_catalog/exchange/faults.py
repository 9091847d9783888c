"""What stops an import or an export as a whole; a fault of one row is that row's `Rejected`.

    ExchangeError
    ├── UnreadableTable    the file is no table that can be read
    ├── UnknownHeadings    its headings don't tell what the columns are
    ├── UnreadableMapping  the mapping given with --columns is wrong
    ├── CatalogFaulty      the directory that should take the rows has faults of its own
    ├── ChangedMeanwhile   somebody edited the directory while the import was being worked out
    └── WriteFailed        the disk refused; everything is as it was before

The message of each is what staff read.
"""

from __future__ import annotations

from service_catalog.errors import CatalogError


class ExchangeError(CatalogError):
    """Root of what stops an import or an export."""


class UnreadableTable(ExchangeError):
    """The file is no table that can be read."""


class UnknownHeadings(ExchangeError):
    """The headings don't tell what the columns are."""


class UnreadableMapping(ExchangeError):
    """The mapping of headings to fields is wrong."""


class CatalogFaulty(ExchangeError):
    """The directory that should take the rows has faults of its own."""


class ChangedMeanwhile(ExchangeError):
    """Somebody edited the directory while the import was being worked out."""


class WriteFailed(ExchangeError):
    """The disk refused; everything is as it was before."""
