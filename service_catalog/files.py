"""Reading one YAML file of the catalogue: verify before parse, parse before trust.

Turns text into plain data and keeps the node tree, so that a fault found later can be named with
its line. Values stay the text that staff typed (window 010 is not 8, a wrong date is a finding of
the model's): only the model knows their types. Refuses what staff never mean and attackers might:
huge files, wrong encodings, aliases, tags, deep nesting, the same key twice. The loader calls this;
nothing here knows what a service is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from service_catalog.errors import Problem
from service_catalog.model import Part

MAX_BYTES = 512 * 1024
"""A long real service is 10 KiB, a topic of the lexicon 200 KiB; more is a mistake."""
MAX_DEPTH = 20
_NULL, _STRING = "tag:yaml.org,2002:null", "tag:yaml.org,2002:str"


class _TextLoader(yaml.CSafeLoader):
    """YAML whose scalars are text, or nothing at all."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute
        first: [(tag, pattern) for tag, pattern in resolvers if tag == _NULL]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


class _Fault(Exception):
    def __init__(self, line: int, what: str, mend: str) -> None:
        super().__init__(what)
        self.line, self.what, self.mend = line, what, mend


_TOP = yaml.Mark("", 0, 0, 0, None, 0)
_NOTHING = yaml.ScalarNode(_NULL, "", _TOP, _TOP)


@dataclass(frozen=True)
class Document:
    """One file's data, and where each value stands in it.

    Attributes:
        name: Path relative to the catalogue's directory.
        data: What the file says: mappings, lists, texts and None.
        text: The file as it was read.
        digest: SHA-256 of the file's bytes, in hexadecimal.
    """

    name: str
    data: object
    text: str
    digest: str

    @cached_property
    def node(self) -> yaml.Node:
        """The YAML nodes with their line marks; made again when a line is asked for.

        Kept for every file of a large catalogue, they would take more memory than its search.
        """
        loader = _TextLoader(self.text)
        try:
            node: yaml.Node | None = loader.get_single_node()
        finally:
            loader.dispose()
        return node if node is not None else _NOTHING

    def line(self, path: Sequence[str | int]) -> int:
        """The line, from 1, of the value at `path`, or of its nearest ancestor in the file."""
        node = self.node
        line: int = node.start_mark.line
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == str(step)), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if step >= len(node.value):
                    break
                node = node.value[step]
                line = node.start_mark.line
            else:
                break
        return line + 1


@dataclass(frozen=True)
class Entry:
    """One file that became one value."""

    document: Document
    value: Part


def read_document(path: Path, name: str) -> Document | Problem:
    """Read `path`; a fault comes back as the one `Problem` that stops the file.

    Args:
        path: The file.
        name: What staff call it: its path relative to the catalogue.
    """
    try:
        return _read(path, name)
    except _Fault as fault:
        return Problem(name, fault.line, "", fault.what, fault.mend)
    except OSError as error:
        return Problem(name, 0, "", f"文件读不出来（{error.strerror}）", "检查文件是否存在、可读")


def _read(path: Path, name: str) -> Document:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise _Fault(0, f"文件有{size // 1024} KiB，超过{MAX_BYTES // 1024} KiB", "拆成几个文件")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _Fault(line, "文件不是UTF-8编码", "用编辑器另存为UTF-8") from None
    loader = _TextLoader(text)
    try:
        _check_events(text)
        node = loader.get_single_node()
        if node is None:
            raise _Fault(0, "文件是空的", "写上内容，或删掉文件")
        _check_keys(node)
        data = loader.construct_document(node)
        return Document(name, data, text, hashlib.sha256(raw).hexdigest())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 0
        raise _Fault(line, *_explain(error, [*text.splitlines(), ""][line - 1])) from None
    except yaml.YAMLError as error:
        raise _Fault(0, f"YAML读不懂（{error}）", "检查这个文件的写法") from None
    finally:
        loader.dispose()


def _explain(error: yaml.MarkedYAMLError, line: str) -> tuple[str, str]:
    problem = error.problem or "syntax"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "用了制表符（Tab）缩进", "换成空格"
    if "escape character" in problem:
        return "双引号里的反斜杠写法不对", "写两个反斜杠（\\\\），或者把双引号换成单引号"
    if "single document" in (error.context or "") or "another document" in problem:
        return "一个文件里有几份文档（---）", "只留一份"
    return f"YAML写法有误（{problem}）", "检查这一行和上一行的缩进、冒号和引号"


def _check_events(text: str) -> None:
    """Refuse aliases and deep nesting before any tree is built (a few bytes can be a bomb)."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 0
        if isinstance(event, yaml.AliasEvent):
            raise _Fault(line, "用了YAML别名（*）", "把内容直接写出来")
        if getattr(event, "tag", None):
            raise _Fault(line, "用了YAML标签（!）", "去掉标签；文字里有感叹号的加上引号")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _Fault(line, f"嵌套超过{MAX_DEPTH}层", "减少缩进层次")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_keys(node: yaml.Node) -> None:
    for mapping in _mappings(node):
        seen: set[str] = set()
        for key, _ in mapping.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != _STRING:
                raise _Fault(key.start_mark.line + 1, "键不是文字", "检查冒号前的写法")
            if key.value in seen:
                raise _Fault(key.start_mark.line + 1, f"“{key.value}”写了两次", "只留一处")
            seen.add(key.value)


def _mappings(node: yaml.Node) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _mappings(value)
