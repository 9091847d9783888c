"""一件事: the materials of a bundle's parts as one list without repeats.

Two parts that ask for the same material under the same name get one entry that serves both: the
larger number of originals and copies, the stricter need, and the parts it is for, so that what each
part adds stays visible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service_catalog.model import Bundle, Material, Need, Service
from service_catalog.situations import outcome

_STRICTNESS = {Need.OPTIONAL: 0, Need.CONDITIONAL: 1, Need.REQUIRED: 2}


@dataclass(frozen=True)
class MergedMaterial:
    """One material of a bundle.

    Attributes:
        material: What to bring.
        services: Ids of the parts that ask for it, in the bundle's order.
    """

    material: Material
    services: tuple[str, ...]


def merged_materials(
    bundle: Bundle, services: Mapping[str, Service], *, with_optional: bool = True
) -> tuple[MergedMaterial, ...]:
    """The bundle's materials, each once, in the order in which the parts first ask for them.

    Args:
        bundle: The bundle.
        services: The catalogue's services; every part must be among them.
        with_optional: Whether parts that a citizen may leave out count.
    """
    merged: dict[str, MergedMaterial] = {}
    for part in bundle.parts:
        if part.optional and not with_optional:
            continue
        for material in outcome(services[part.service], part.answers).materials:
            key = "".join(material.name.split())
            before = merged.get(key)
            merged[key] = (
                MergedMaterial(material, (part.service,))
                if before is None
                else MergedMaterial(
                    _both(before.material, material),
                    tuple(dict.fromkeys((*before.services, part.service))),
                )
            )
    return tuple(merged.values())


def _both(one: Material, other: Material) -> Material:
    """A material that satisfies both."""
    stricter = max(one.need, other.need, key=_STRICTNESS.__getitem__)
    return one.copy(
        update={
            "need": stricter,
            "when": (one.when or other.when) if stricter is Need.CONDITIONAL else None,
            "original": max(one.original, other.original),
            "copies": max(one.copies, other.copies),
            "deferrable": one.deferrable and other.deferrable,
            "licence_exempt": one.licence_exempt and other.licence_exempt,
            "note": one.note
            if one.note == other.note or not other.note
            else "；".join(dict.fromkeys(filter(None, (one.note, other.note)))),
        }
    )
