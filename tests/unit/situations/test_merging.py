"""One list of materials for a bundle: nothing repeated, nothing lost, every part visible."""

from __future__ import annotations

from hypothesis import given
from made_up import bundles, service

from service_catalog.merging import MergedMaterial, merged_materials
from service_catalog.model import Bundle, Material, Service
from service_catalog.situations import outcome

Made = tuple[Bundle, dict[str, Service]]
STRICTNESS = ("非必要", "按情形", "必要")
EASY_FORMS = {"纸质": {"纸质"}, "电子": {"电子"}, "纸质或电子": {"纸质", "电子"}}


def key(material: Material) -> str:
    return material.name.replace(" ", "")


def asked(made: Made) -> list[tuple[str, Material]]:
    """What each part asks for, in the bundle's order."""
    bundle, known = made
    return [
        (part.service, material)
        for part in bundle.parts
        for material in outcome(known[part.service], part.answers).materials
    ]


def merged_by_key(made: Made) -> dict[str, MergedMaterial]:
    return {key(one.material): one for one in merged_materials(*made)}


@given(made=bundles())
def test_nothing_is_repeated(made: Made) -> None:
    keys = [key(one.material) for one in merged_materials(*made)]
    assert len(keys) == len(set(keys))
    for one in merged_materials(*made):
        assert len(one.services) == len(set(one.services))


@given(made=bundles())
def test_nothing_is_lost_and_nothing_made_up(made: Made) -> None:
    merged = merged_by_key(made)
    assert set(merged) == {key(material) for _, material in asked(made)}
    for service_id, material in asked(made):
        one = merged[key(material)].material
        assert service_id in merged[key(material)].services
        assert one.original >= material.original
        assert one.copies >= material.copies
        assert STRICTNESS.index(one.need.value) >= STRICTNESS.index(material.need.value)
        assert one.deferrable <= material.deferrable
        assert one.licence_exempt <= material.licence_exempt
        assert (material.note or "") in (one.note or "")
        assert (material.fill_in or "") in (one.fill_in or "")
        if one.need is material.need and one.when is not None:
            assert material.when in one.when


@given(made=bundles())
def test_a_merged_material_needs_no_more_than_one_part_does(made: Made) -> None:
    for name, one in merged_by_key(made).items():
        same = [material for _, material in asked(made) if key(material) == name]
        assert one.material.original in {material.original for material in same}
        assert one.material.copies in {material.copies for material in same}
        assert one.material.need in {material.need for material in same}
        assert one.material.form in {material.form for material in same}
        strict = [EASY_FORMS[material.form.value] for material in same]
        if set.intersection(*strict):
            assert EASY_FORMS[one.material.form.value] <= set.intersection(*strict)


@given(made=bundles())
def test_the_order_is_that_of_first_asking(made: Made) -> None:
    first = list(dict.fromkeys(key(material) for _, material in asked(made)))
    assert [key(one.material) for one in merged_materials(*made)] == first
    order = [part.service for part in made[0].parts]
    for one in merged_materials(*made):
        assert sorted(one.services, key=order.index) == list(one.services)


@given(made=bundles())
def test_every_part_that_asks_for_something_is_visible(made: Made) -> None:
    visible = {service_id for one in merged_materials(*made) for service_id in one.services}
    assert visible == {service_id for service_id, _ in asked(made)}


@given(made=bundles())
def test_merging_what_is_merged_changes_nothing(made: Made) -> None:
    merged = [one.material for one in merged_materials(*made)]
    parts = {one: service(one).copy(update={"materials": tuple(merged)}) for one in ("x", "y")}
    again = made[0].copy(
        update={
            "parts": tuple(
                made[0].parts[0].copy(update={"service": one, "answers": {}}) for one in parts
            )
        }
    )
    assert [one.material for one in merged_materials(again, parts)] == merged


@given(made=bundles())
def test_parts_that_may_be_left_out_can_be(made: Made) -> None:
    bundle, known = made
    needed = {part.service for part in bundle.parts if not part.optional}
    told = merged_materials(bundle, known, with_optional=False)
    assert {service_id for one in told for service_id in one.services} <= needed
