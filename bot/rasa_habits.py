"""What Rasa does anew for each message though it always comes out the same, done once.

* Rasa copies every slot of the domain for each tracker that it makes, several times a message, with
  `copy.copy`, which takes the long way of pickling for a class that says nothing of copies. Here
  slots say how: the same class, the same attributes. A slot class that says itself how it is copied
  or pickled is left alone.
* To see whether its domain is empty, Rasa makes an empty one for each message and compares. Here
  that one is made once.

Only `Slot.__copy__` and `Domain.is_empty` are touched; tests hold that what comes out is Rasa's.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from rasa.shared.core.domain import Domain
from rasa.shared.core.slots import Slot

_SAYS = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__slots__")


def _plain(kind: type[Slot]) -> bool:
    """Whether the instances of a class are their attributes and nothing else."""
    classes = [one for one in kind.__mro__ if one is not object]
    return not any(
        name in vars(one) for one in classes for name in _SAYS if one.__module__ != "abc"
    )


def install() -> None:
    """Let slots be copied attribute by attribute, and domains compared with one empty domain."""
    Slot.__copy__ = _copying()
    empty = Domain.empty().as_dict()

    def is_empty(self: Domain) -> bool:
        return bool(self.as_dict() == empty)

    Domain.is_empty = is_empty


def _copying() -> Callable[[Slot], Slot]:
    plain: dict[type[Slot], bool] = {}

    def copied(self: Slot) -> Slot:
        kind = type(self)
        if kind not in plain:
            plain[kind] = _plain(kind)
        if not plain[kind]:
            other: Slot = copy._reconstruct(  # type: ignore[attr-defined]
                self, None, *self.__reduce_ex__(4)
            )
            return other
        one: Slot = object.__new__(kind)
        one.__dict__.update(self.__dict__)
        return one

    return copied
