"""What officials write in cells, and what is understood of it."""

from __future__ import annotations

import pytest

from service_catalog.exchange import values


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("0600-8800301", ["0600-8800301"]),
        ("（0662）3681111", ["0662-3681111"]),
        ("(8620)2236 0123", ["020-22360123"]),
        ("86 20 87512631", ["020-87512631"]),
        ("020--38819922", ["020-38819922"]),
        ("020－81102000", ["020-81102000"]),
        ("020-8923 2806", ["020-89232806"]),
        ("400-7000-690", ["400-700-0690"]),
        ("020-38356454转1", ["020-38356454-1"]),
        ("020-86351219、86351130", ["020-86351219", "020-86351130"]),
        ("省厅：020-86351219；深圳：0755-88127587", ["020-86351219", "0755-88127587"]),
        ("电话：020-37886901 、020-37886909", ["020-37886901", "020-37886909"]),
        ("拨打12348或020-86350683", ["12348", "020-86350683"]),
        ("020-86350153，受理时间：上午08：30-12:00，邮政编码：510405", ["020-86350153"]),
        ("见https://weibo.com/u/6505531746，电话020-83815010", ["020-83815010"]),
    ],
)
def test_phones(cell, found):
    assert values.phones(cell) == values.Parsed(found)


@pytest.mark.parametrize("cell", ["87686011", "020-837288891", "020-123456", "0000swjw", "110号文"])
def test_no_phone_is_made_up(cell):
    parsed = values.phones(cell)
    assert parsed.value is None
    assert "没有能用的电话" in parsed.left_out


def test_a_short_number_behind_an_area_code_is_told():
    parsed = values.phones("020-12333-9-3")
    assert parsed.value == ["12333"]
    assert parsed.left_out == "“020-12333-9-3”只留下“12333”"


@pytest.mark.parametrize("cell", ["无", " 无。", "—", "/", "暂无", "NULL", "　"])
def test_words_that_say_nothing(cell):
    for parse in (values.plain, values.phones, values.time_limit, values.visits, values.materials):
        assert parse(cell) == values.Parsed(None)


@pytest.mark.parametrize(
    ("cell", "number", "unit"),
    [
        ("30(工作日)", "30", "工作日"),
        ("20个工作日", "20", "工作日"),
        ("5 工作日内", "5", "工作日"),
        ("90（自然日）", "90", "日"),
        ("3个月", "3", "个月"),
        ("24小时", "24", "小时"),
    ],
)
def test_time_limits(cell, number, unit):
    assert values.time_limit(cell).value == {"number": number, "unit": unit}


@pytest.mark.parametrize("cell", ["尽快", "20", "10-20个工作日"])
def test_a_limit_without_a_unit_is_none(cell):
    parsed = values.time_limit(cell)
    assert parsed.value is None
    assert "不是时限" in parsed.left_out


@pytest.mark.parametrize(("cell", "count"), [("0", "0"), ("最多1次", "1"), ("全程网办", "0")])
def test_visits(cell, count):
    assert values.visits(cell).value == {"count": count}


def test_audience_leaves_out_what_the_standard_does_not_know():
    parsed = values.audience("自然人、企业，行政机关")
    assert parsed.value == ["自然人", "企业法人"]
    assert "行政机关" in parsed.left_out


def test_materials_once_each():
    assert values.materials("身份证；户口簿；\n身份证").value == [
        {"name": "身份证"},
        {"name": "户口簿"},
    ]
