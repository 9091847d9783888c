"""What can be wrong with a database before the backend starts; its message is for its operator."""

from __future__ import annotations


class WrongDatabase(Exception):
    """The database can't be used: unreachable, no database, of another version or data key.

    The message says which one, what is wrong and how to mend it; it holds no password.
    """
