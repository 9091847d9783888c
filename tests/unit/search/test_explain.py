"""Why a message led where it led: the explanation, and the command that prints it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from search_world import ITEMS, LEXICON, index_of

from cli.main import main
from service_catalog.search import Decision, SearchIndex
from service_catalog.search.explain import Explanation, Reason, explain, shared_words
from service_catalog.search.spelling import Correction

SMALL = Path(__file__).parents[1] / "catalog_check" / "small"


def reason_for(told: Explanation, item: str) -> Reason:
    (reason,) = [one for one in told.reasons if one.hit.id == item]
    return reason


# --- the explanation ---


@pytest.mark.parametrize("query", ["身份证丢了", "换身份证", "今天天气真好", "养狗要登记吗", ""])
def test_it_tells_the_search_s_own_outcome(small: SearchIndex, query: str) -> None:
    told = explain(small, query, 3)
    assert told.found == small.search(query, 3)
    assert tuple(reason.hit for reason in told.reasons) == told.found.nearest


def test_it_tells_the_saying_and_the_words_that_it_shares(small: SearchIndex) -> None:
    told = explain(small, "看病刷的那张卡丢哪了", 5)
    reason = told.reasons[0]
    assert reason.hit.id == "social-card"
    assert reason.by_saying
    assert reason.saying is not None
    assert reason.saying.saying == "看病刷的那张卡怎么办"
    assert "看病刷的那张卡" in reason.saying_words
    assert reason.name_words == ()


def test_it_tells_the_name_and_the_words_that_it_shares(small: SearchIndex) -> None:
    told = explain(small, "想开民办幼儿园", 5)
    reason = told.reasons[0]
    assert reason.hit.id == "kindergarten"
    assert not reason.by_saying
    assert reason.saying is None
    assert reason.name[0] == "民办幼儿园设立许可"
    assert 0 < reason.name[1] <= 1
    assert reason.name_words == ("民办幼儿园",)
    assert reason.saying_words == ()


def test_it_tells_synonyms_and_the_content(small: SearchIndex) -> None:
    told = explain(small, "请问社保卡不见了怎么办", 5)
    assert told.reading.rewrites == (("社保卡", "社会保障卡"), ("不见了", "丢了"))
    assert told.reading.content.split() == ["社会保障卡", "丢了"]
    assert not told.says_nothing


def test_it_tells_corrections() -> None:
    says = ["租房子取公积金", "公积金提取", "公积金怎么查", *(f"公积金{n}" for n in range(20))]
    index = index_of(entries=[{"say": says, "mean": ["内地居民结婚登记"]}])
    assert explain(index, "公机金", 5).reading.corrections == (Correction("公机金", "公积金"),)


def test_it_tells_facets_that_agree_and_that_clash(small: SearchIndex) -> None:
    told = explain(small, "身份证丢了", 5)
    assert dict(told.facets)["operation"] == ("补办",)
    (agreeing,) = reason_for(told, "id-replace").facets
    assert (agreeing.kind, agreeing.wanted) == ("operation", ("补办",))
    assert "补办" in agreeing.has
    (clashing,) = reason_for(told, "id-renew").facets
    assert (clashing.wanted, clashing.has) == (("补办",), ("换发",))
    assert {facet.kind: facet.has for facet in reason_for(told, "id-temporary").facets} == {
        "operation": (),
        "situation": ("临时",),
    }


def test_it_tells_what_no_item_answers(small: SearchIndex) -> None:
    told = explain(small, "办身份证的窗口态度恶劣", 5)
    assert told.found.decision is Decision.NONE
    assert told.outside is not None
    assert (told.outside[0], told.outside[1].saying) == ("投诉", "办身份证的窗口态度恶劣")
    assert told.leaning < 0
    assert "态度" in told.against
    assert told.needed > told.reasons[0].hit.score
    assert not told.says_nothing


def test_it_tells_what_this_catalogue_does_not_have(small: SearchIndex) -> None:
    told = explain(small, "养狗要登记吗", 5)
    assert told.found.decision is Decision.NONE
    assert told.absent is not None
    assert (told.absent[0], told.absent[1].saying) == ("犬类准养证核发", "养狗要登记吗")


@pytest.mark.parametrize("query", ["", "😀", "请问怎么办", "哈哈哈"])
def test_it_tells_that_a_message_says_nothing(small: SearchIndex, query: str) -> None:
    told = explain(small, query, 5)
    assert told.says_nothing
    assert told.found.decision is Decision.NONE


def test_no_more_candidates_are_told_than_wanted(small: SearchIndex) -> None:
    assert len(explain(small, "身份证", 2).reasons) == 2


def test_an_index_of_nothing_is_explained() -> None:
    for parts in ({}, LEXICON):
        assert explain(index_of((), **parts), "换身份证", 5).reasons == ()
    assert explain(index_of(ITEMS), "换身份证", 5).outside is None


@pytest.mark.parametrize(
    ("text", "parts", "words"),
    [
        ("居民身份证丢了", {"身份", "份证", "丢了"}, ("身份证", "丢了")),
        ("身份证", {"身份", "份证"}, ("身份证",)),
        ("身份证", set(), ()),
        ("证", {"证"}, ("证",)),
        ("app 护照 护照", {"app", "护照"}, ("app", "护照")),
        ("", {"护照"}, ()),
    ],
)
def test_shared_words_are_the_longest_runs(
    text: str, parts: set[str], words: tuple[str, ...]
) -> None:
    assert shared_words(text, parts) == words


# --- the command ---


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small catalogue whose sayings a test may edit; the settings point to it."""
    directory = Path(shutil.copytree(SMALL, tmp_path / "content"))
    monkeypatch.setenv("BANSHI_CATALOG", str(directory))
    monkeypatch.setenv("BANSHI_VAR", str(tmp_path / "var"))
    return directory


def search(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["catalog", "search", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def line_of(file: Path, text: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_the_saying_is_told_with_file_and_line(catalogue: Path) -> None:
    line = line_of(catalogue / "lexicon" / "shops.yml", "- 摆个摊")
    output = search("我要摆个摊卖烤串", "--explain").output
    assert "原话：我要摆个摊卖烤串" in output
    assert f"常问句“摆个摊”（lexicon/shops.yml:{line}）" in output
    assert "摆摊许可（stall）" in output


def test_an_edited_saying_is_told_with_its_new_line(catalogue: Path) -> None:
    file = catalogue / "lexicon" / "shops.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("      - 摆个摊\n", "      - 卖烤串\n      - 摆个摊\n"), encoding="utf-8"
    )
    line = line_of(file, "- 摆个摊")
    assert f"“摆个摊”（lexicon/shops.yml:{line}）" in search("摆个摊呀", "--explain").output


def test_the_name_synonyms_and_facets_are_told(catalogue: Path) -> None:
    output = search("摆摊执照丢了", "--explain").output
    assert "同义词：摆摊执照 → 摆摊证" in output
    assert "名称“摆摊证”" in output
    assert "动作：补办" in output


def test_what_is_outside_and_why_it_is_not_answered_is_told(catalogue: Path) -> None:
    line = line_of(catalogue / "lexicon" / "shops.yml", "摊子上的面好吃吗")
    output = search("摊子上的面好吃吗", "--explain").output
    assert "决定：none（不回答）" in output
    assert f"像不办的事“闲聊”：“摊子上的面好吃吗”（lexicon/shops.yml:{line}）" in output


@pytest.mark.usefixtures("catalogue")
def test_a_message_that_says_nothing_is_explained() -> None:
    output = search("怎么", "--explain").output
    assert "实义部分：（没有）" in output
    assert "整句没有一个说得出事情的词" in output


def test_another_catalogue_may_be_explained(
    catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANSHI_CATALOG", str(tmp_path / "nowhere"))
    output = search("摆个摊", "--explain", "--catalog", str(catalogue)).output
    assert "lexicon/shops.yml:" in output


@pytest.mark.usefixtures("catalogue")
def test_one_message_as_json() -> None:
    told = json.loads(search("换本子", "--json").output)
    assert told["decision"] == "answer"
    assert told["results"][0].keys() == {"id", "name", "score"}
    assert told["results"][0]["id"] == "card"
    nothing = json.loads(search("今天天气", "--json").output)
    assert nothing == {"decision": "none", "results": []}


@pytest.mark.usefixtures("catalogue")
def test_one_message_for_people() -> None:
    output = search("换本子").output
    assert "decision: answer（回答）" in output
    assert "card  本子到期换新  ←  换本子" in output
    assert "（草稿）" in search("放风筝备案").output
    assert "最接近的（不会告诉市民）" in search("摊子上的面好吃吗").output
    assert len(search("本子", "--top", "1").output.splitlines()) == 2


# --- a file of messages ---


def answered(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.usefixtures("catalogue")
def test_a_file_of_messages_keeps_order_and_ids(tmp_path: Path) -> None:
    queries, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    asked = [
        ("b", "摆个摊"),
        (7, "换本子"),
        (1.5, "今天天气"),
        (None, "换本子"),
        ([1, {"x": "号"}], "\u2028换本子"),
        ("b", ""),
    ]
    lines = [json.dumps({"query": query, "id": key}) for key, query in asked]
    queries.write_text("\n".join([lines[0], "", "  ", *lines[1:], ""]), encoding="utf-8")
    result = search("--queries", str(queries), "--out", str(out))
    assert result.exit_code == 0
    assert "6条" in result.output
    told = answered(out)
    assert [one["id"] for one in told] == [key for key, _ in asked]
    firsts = [one["results"][0]["id"] if one["results"] else None for one in told]
    assert firsts == ["stall", "card", None, "card", "card", None]
    for one, (_, query) in zip(told, asked, strict=True):
        alone = json.loads(search(query, "--json").output)
        assert one == {"id": one["id"], **alone}


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("break_", ["\u2028", "\u2029", "\u0085"])
def test_a_message_may_hold_what_ends_a_line_elsewhere(tmp_path: Path, break_: str) -> None:
    queries, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    data = json.dumps({"id": 1, "query": f"换{break_}本子"}, ensure_ascii=False)
    queries.write_text(f"{data}\n", encoding="utf-8")
    assert search("--queries", str(queries), "--out", str(out)).exit_code == 0
    assert [one["id"] for one in answered(out)] == [1]


@pytest.mark.usefixtures("catalogue")
def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    queries, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    data = '{"id": 1, "query": "换本子"}\r\n\r\n{"id": 2, "query": "摆个摊"}\r\n'
    queries.write_bytes(b"\xef\xbb\xbf" + data.encode())
    assert search("--queries", str(queries), "--out", str(out)).exit_code == 0
    assert [one["id"] for one in answered(out)] == [1, 2]


@pytest.mark.usefixtures("catalogue")
def test_a_file_of_no_messages_gives_a_file_of_no_outcomes(tmp_path: Path) -> None:
    queries, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    queries.write_text("\n \n", encoding="utf-8")
    assert search("--queries", str(queries), "--out", str(out)).exit_code == 0
    assert out.read_text(encoding="utf-8") == ""


FAULTY = [
    "{",
    "[]",
    "3",
    "null",
    '"换本子"',
    '{"id": 1}',
    '{"query": "换本子"}',
    '{"id": 1, "query": 5}',
    '{"id": 1, "query": null}',
    '{"id": 1, "query": "换本子"} {"id": 2, "query": "换本子"}',
]


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("faulty", FAULTY)
def test_a_faulty_line_is_named_and_nothing_is_written(tmp_path: Path, faulty: str) -> None:
    queries, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    out.write_text("before\n", encoding="utf-8")
    queries.write_text(f'{{"id": 1, "query": "换本子"}}\n\n{faulty}\n', encoding="utf-8")
    result = search("--queries", str(queries), "--out", str(out))
    assert result.exit_code == 1
    assert f"{queries}:3 " in result.output
    assert out.read_text(encoding="utf-8") == "before\n"


@pytest.mark.usefixtures("catalogue")
def test_every_faulty_line_is_named(tmp_path: Path) -> None:
    queries, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    queries.write_text("\n".join(FAULTY), encoding="utf-8")
    result = search("--queries", str(queries), "--out", str(out))
    assert all(f"{queries}:{number} " in result.output for number in range(1, len(FAULTY) + 1))


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("content", [None, b"\xff\xfe{"], ids=["missing", "not UTF-8"])
def test_an_unreadable_file_is_told(tmp_path: Path, content: bytes | None) -> None:
    queries, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    if content is not None:
        queries.write_bytes(content)
    result = search("--queries", str(queries), "--out", str(out))
    assert result.exit_code == 1
    assert f"{queries}读不了" in result.output
    assert not out.exists()


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("out", ["nowhere/out.jsonl", "."])
def test_an_unwritable_out_is_told(tmp_path: Path, out: str) -> None:
    queries = tmp_path / "in.jsonl"
    queries.write_text('{"id": 1, "query": "换本子"}\n', encoding="utf-8")
    result = search("--queries", str(queries), "--out", str(tmp_path / out))
    assert result.exit_code == 1
    assert "写不进去" in result.output


@pytest.mark.usefixtures("catalogue")
def test_a_message_with_half_a_character_is_answered(tmp_path: Path) -> None:
    queries, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    queries.write_text('{"id": 1, "query": "换本子\\ud83d"}\n', encoding="utf-8")
    assert search("--queries", str(queries), "--out", str(out)).exit_code == 0
    assert answered(out)[0]["results"][0]["id"] == "card"


@pytest.mark.usefixtures("catalogue")
def test_an_id_may_hold_half_a_character(tmp_path: Path) -> None:
    queries, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    queries.write_text('{"id": "\\ud83d", "query": "换本子"}\n', encoding="utf-8")
    assert search("--queries", str(queries), "--out", str(out)).exit_code == 0
    assert answered(out)[0]["id"] == "\ud83d"


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("换本子", "--queries", "in.jsonl"),
        ("换本子", "--queries", "in.jsonl", "--out", "out.jsonl"),
        ("换本子", "--out", "out.jsonl"),
        ("--queries", "in.jsonl"),
        ("--out", "out.jsonl"),
        ("--explain",),
    ],
)
def test_a_message_or_a_file_is_wanted_and_not_both(arguments: tuple[str, ...]) -> None:
    result = search(*arguments)
    assert result.exit_code == 2
    assert "--queries" in result.output
