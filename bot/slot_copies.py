"""Copies slots as Rasa does, without finding out anew each time how a slot is copied.

Rasa copies every slot of the domain for each tracker that it makes, several times a message, with
`copy.copy`, which takes the long way of pickling for a class that says nothing of copies. Here they
say how: the same class, the same attributes. A slot class that says itself how it is copied or
pickled is left alone. Only `Slot.__copy__` is added; tests hold that the copies are Rasa's.
"""

from __future__ import annotations

import copy
from typing import Any

from rasa.shared.core.slots import Slot

_SAYS = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__slots__")


def _plain(kind: type[Slot]) -> bool:
    """Whether the instances of a class are their attributes and nothing else."""
    classes = [one for one in kind.__mro__ if one is not object]
    return not any(
        name in vars(one) for one in classes for name in _SAYS if one.__module__ != "abc"
    )


def install() -> None:
    """Let slots be copied attribute by attribute."""
    plain: dict[type[Slot], bool] = {}

    def copied(self: Slot) -> Any:  # noqa: ANN401 - a slot of the same class
        kind = type(self)
        if kind not in plain:
            plain[kind] = _plain(kind)
        if not plain[kind]:
            return copy._reconstruct(  # type: ignore[attr-defined]
                self, None, *self.__reduce_ex__(4)
            )
        one: Slot = object.__new__(kind)
        one.__dict__.update(self.__dict__)
        return one

    Slot.__copy__ = copied
