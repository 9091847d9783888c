"""`banshi catalog search`: one message or a file of them, with the reasons when asked.

What is printed for people is Chinese, as staff read it; `--json` and `--out` are for programs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:  # `banshi --help` stays quick
    from service_catalog.catalog import Catalog
    from service_catalog.search import Found, SearchIndex
    from service_catalog.search.explain import Explanation, Reason
    from service_catalog.search.index import Meaning

DECISIONS = {"answer": "回答", "ask": "反问是哪一个", "none": "不回答"}
KINDS = {"operation": "动作", "audience": "对象", "situation": "情形"}
ITEM_KINDS = {"draft": "（草稿）", "bundle": "（套餐）"}
Whereabouts = Callable[[str], str]


def as_data(found: Found) -> dict[str, Any]:
    """A search's outcome for programs: the best candidates stand there whatever the decision."""
    hits = [{"id": hit.id, "name": hit.name, "score": hit.score} for hit in found.nearest]
    return {"decision": found.decision.value, "results": hits}


def one(
    index: SearchIndex, query: str, top: int, meaning: Meaning | None, *, as_json: bool
) -> None:
    """Print what one message finds."""
    found = index.search(query, top, meaning)
    if as_json:
        click.echo(json.dumps(as_data(found), ensure_ascii=False))
        return
    decision = found.decision.value
    click.echo(f"decision: {decision}（{DECISIONS[decision]}）")
    if not found.hits and found.nearest:
        click.echo("最接近的（不会告诉市民）：")
    for hit in found.hits or found.nearest:
        kind = ITEM_KINDS.get(hit.kind.value, "")
        click.echo(f"{hit.score:.2f}  {hit.id}  {hit.name}{kind}  ←  {hit.phrase}")


def many(
    index: SearchIndex,
    messages: Sequence[tuple[Any, str]],
    out: Path,
    top: int,
    meaning: Meaning | None,
) -> None:
    """Write what each message finds, one JSON object a line, in the same order.

    Raises:
        click.ClickException: It can't be written.
    """
    lines = [
        json.dumps({"id": key, **as_data(index.search(query, top, meaning))}, ensure_ascii=False)
        for key, query in messages
    ]
    try:
        # half a character in an id becomes its JSON escape
        text = "".join(f"{line}\n" for line in lines)
        out.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise click.ClickException(f"{out}写不进去：{error.strerror}") from None
    click.echo(f"{len(lines)}条，已写入{out}。")


def messages_in(file: Path) -> list[tuple[Any, str]]:
    """The id and the text of each message in a file of JSON objects, one a line.

    Raises:
        click.ClickException: Lines that aren't objects with `id` and `query`: all of them.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # a message may hold U+2028
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}读不了：{error}") from None
    found, faults = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            key, query = data["id"], data["query"]
        except (ValueError, TypeError, KeyError):
            faults.append(f"{file}:{number} 不是带id和query的JSON对象：一行写一个")
            continue
        if not isinstance(query, str):
            faults.append(f"{file}:{number} 的query不是文字：加上引号")
        found.append((key, query))
    if faults:
        raise click.ClickException("\n".join(faults))
    return found


def reasons(
    catalog: Catalog, query: str, top: int, where: Whereabouts, meaning: Meaning | None
) -> None:
    """Print why a message leads to its items.

    Args:
        catalog: The catalogue that is searched.
        query: The message.
        top: How many candidates at the most.
        where: File and line of a saying, or "" when it isn't known.
        meaning: Closeness by an embedding model, when one is set.
    """
    from service_catalog.search.explain import explain  # noqa: PLC0415

    told = explain(catalog.index, query, top, meaning)
    for line in _heading(told):
        click.echo(line)
    for rank, reason in enumerate(told.reasons, start=1):
        click.echo(f"{rank}. {reason.hit.score:.2f}  {reason.hit.name}（{reason.hit.id}）")
        for line in _reason(reason, where, "单字，或只是意思" if told.closest else "单字"):
            click.echo(f"   {line}")
    for line in _doubts(told, where):
        click.echo(line)


def _heading(told: Explanation) -> Iterator[str]:
    reading, decision = told.reading, told.found.decision.value
    yield f"原话：{reading.said}"
    for written, meant in reading.rewrites:
        yield f"同义词：{written} → {meant}"
    for denied in reading.denied:
        yield f"否定掉的：{denied}"
    for correction in reading.corrections:
        yield f"可能写错：{correction.written} → {correction.meant}"
    yield f"实义部分：{' '.join(reading.content.split()) or '（没有）'}"
    named = [f"{KINDS[kind]}：{'、'.join(values)}" for kind, values in told.facets if values]
    if named:
        yield "　".join(named)
    if told.closest:
        text, close = told.closest
        yield f"语义向量模型参与了打分，它看来意思最近的：“{text}”，相近{close:.2f}"
    yield f"决定：{decision}（{DECISIONS[decision]}）"


def _reason(reason: Reason, where: Whereabouts, alone: str) -> Iterator[str]:
    """The lines under one candidate; `alone` is what is shared where no word is."""
    name, fit = reason.name
    by_name = f"名称“{name}”，可信{fit:.2f}，共有：{'、'.join(reason.name_words) or alone}"
    if reason.saying:
        likeness = reason.saying
        place = where(likeness.saying)
        by_saying = (
            f"常问句“{likeness.saying}”{f'（{place}）' if place else ''}，"
            f"相似{likeness.strength:.2f}，共有：{'、'.join(reason.saying_words) or alone}"
        )
        yield from (by_saying, by_name) if reason.by_saying else (by_name, by_saying)
    else:
        yield by_name
    for facet in reason.facets:
        if set(facet.wanted) & set(facet.has):
            yield f"{KINDS[facet.kind]}一致：{'、'.join(set(facet.wanted) & set(facet.has))}"
        elif facet.has and facet.wanted:
            wanted, has = "、".join(facet.wanted), "、".join(facet.has)
            yield f"{KINDS[facet.kind]}不同：要{wanted}，它是{has}"


def _doubts(told: Explanation, where: Whereabouts) -> Iterator[str]:
    if told.says_nothing:
        yield "整句没有一个说得出事情的词，所以不回答。"
        return
    yield f"第一名至少要{told.needed:.2f}分，因为："
    if told.outside:
        kind, likeness = told.outside
        place = where(likeness.saying)
        yield (
            f"  像不办的事“{kind}”：“{likeness.saying}”{f'（{place}）' if place else ''}，"
            f"相似{likeness.strength:.2f}"
        )
    if told.absent:
        name, likeness = told.absent
        yield f"  像本目录没有的事项“{name}”：“{likeness.saying}”，相似{likeness.strength:.2f}"
    side = "来办事的人" if told.leaning > 0 else "不是来办事的人"
    words = f"；偏向不办事的词：{'、'.join(told.against)}" if told.against else ""
    yield f"  用词像{side}（{told.leaning:+.2f}）{words}"
