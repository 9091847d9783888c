"""Staff edit YAML while everything runs; the next question gets the new answer."""

from __future__ import annotations

import pytest
from told import shown_all, whole

from qa.catalogue_checks import listed
from qa.facts import lists

pytestmark = [pytest.mark.stack]

NEW_ID = "pet-dog-registration"


@pytest.fixture
def dog_licence(stack):
    """A service that the shipped catalogue does not have, as its YAML text."""
    source = (stack.content / "services" / "residence-permit.yml").read_text(encoding="utf-8")
    head, _, rest = source.partition("aliases:")
    _, _, rest = rest.partition("department:")
    text = (
        f"id: {NEW_ID}\nname: 养犬登记\naliases: [狗证, 宠物狗证, 养狗登记]\ndepartment:" + rest
    ).replace("居住证", "犬只免疫证明")
    assert head.startswith("id:")
    file = stack.content / "services" / f"{NEW_ID}.yml"
    yield file, text
    file.unlink(missing_ok=True)


async def test_added_service_is_answered_by_the_very_next_question(citizen, stack, dog_licence):
    file, text = dog_licence
    assert "没有找到" in await whole(citizen, "狗证要带什么")
    await stack.edit(file, text)
    told = await shown_all(citizen, "狗证要带什么")
    assert "养犬登记" in told
    assert lists(told, stack.catalog.service(NEW_ID), {})
    await stack.edit(file, None)
    assert "没有找到" in await whole(citizen, "狗证要带什么")


async def test_faulty_file_is_named_and_the_last_good_catalogue_serves(citizen, stack, dog_licence):
    file, text = dog_licence
    await stack.edit(file, text)
    assert "养犬登记" in await whole(citizen, "狗证要带什么")
    lines = text.splitlines()
    wrong = next(row for row, line in enumerate(lines) if line.startswith("handling:"))
    lines[wrong] = "handling: 立等可取"
    await stack.edit(file, "\n".join(lines))
    assert "养犬登记" in await whole(citizen, "狗证要带什么")
    assert "工本费" in await whole(citizen, "办护照多少钱")
    stack.up.wait_for(rf"catalog\.refused.*{NEW_ID}\.yml:{wrong + 1}.*办件类型", 5)
    await stack.edit(file, text.replace("养犬登记", "犬只登记"))
    assert "犬只登记" in await whole(citizen, "狗证要带什么")


async def test_an_edited_fact_is_told_at_once(citizen, stack):
    file = stack.content / "services" / "passport-first.yml"
    before = file.read_text(encoding="utf-8")
    assert "amount: 120" in before
    try:
        await stack.edit(file, before.replace("amount: 120", "amount: 119"))
        assert "119元" in await whole(citizen, "办护照多少钱")
    finally:
        await stack.edit(file, before)


async def test_an_option_taken_away_is_offered_no_more(citizen, stack):
    """A question about the situation follows the file as everything else does."""
    file = stack.content / "services" / "driving-licence-renew.yml"
    before = file.read_text(encoding="utf-8")
    label = stack.catalog.service("driving-licence-renew").situations[0].options[0].label
    assert before.count(f"label: {label}") == 1
    try:
        assert label in await whole(citizen, "换驾照带什么")
        await stack.edit(file, before.replace(f"label: {label}", "label: 手里有纸质的"))
        question = await whole(citizen, "换驾照带什么")
        assert label not in question
        assert "手里有纸质的" in question
        assert listed(await whole(citizen, "手里有纸质的"))
    finally:
        await stack.edit(file, before)


async def test_an_item_known_by_name_alone_is_told_by_name_alone(citizen, stack):
    file = stack.content / "drafts" / "item-drone.yml"
    file.parent.mkdir(exist_ok=True)
    await stack.edit(
        file, "id: item-drone\nname: 民用无人机实名登记\ndepartment: 清禾区交通运输局\n"
    )
    try:
        told = await whole(citizen, "民用无人机实名登记要带什么材料")
        assert "清禾区交通运输局" in told
        assert stack.catalog.hall.phones.enquiry in told
        assert "需要的材料" not in told
        assert "预约成功" not in await whole(citizen, "预约民用无人机实名登记")
        await citizen.say("取消")
    finally:
        await stack.edit(file, None)
