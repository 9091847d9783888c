"""一件事: the materials of a bundle's parts as one list without repeats.

Two parts that ask for the same material under the same name get one entry that serves both: the
larger number of originals and copies, the stricter need, and the parts it is for, so that what each
part adds stays visible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service_catalog.model import Bundle, Form, Material, Need, Service
from service_catalog.situations import outcome

_STRICTNESS = {Need.OPTIONAL: 0, Need.CONDITIONAL: 1, Need.REQUIRED: 2}
_FORMS = (Form.PAPER, Form.ELECTRONIC, Form.EITHER)
"""From what serves the most offices to what leaves the citizen the most freedom."""


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
                MergedMaterial(material.copy(update={"only": {}}), (part.service,))
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
            "when": _when([each.when for each in (one, other) if each.need is stricter]),
            "original": max(one.original, other.original),
            "copies": max(one.copies, other.copies),
            "form": min(one.form, other.form, key=_FORMS.index),
            "deferrable": one.deferrable and other.deferrable,
            "licence_exempt": one.licence_exempt and other.licence_exempt,
            "licence": one.licence if other.licence else None,
            "note": _joined(one.note, other.note, "；"),
            "fill_in": _joined(one.fill_in, other.fill_in, "；"),
            "blank_form": _joined(one.blank_form, other.blank_form, "；"),
            "sample": _joined(one.sample, other.sample, "；"),
            "only": {},
        }
    )


def _when(whens: Sequence[str | None]) -> str | None:
    """When one of them holds; always, when one of them always does."""
    if not all(whens):
        return None
    joined: str | None = None
    for when in whens:
        joined = _joined(joined, when, "，或")
    return joined


def _joined(one: str | None, other: str | None, between: str) -> str | None:
    """Both texts, none of them twice."""
    if not one or not other:
        return one or other
    if other in one:
        return one
    return other if one in other else f"{one}{between}{other}"
