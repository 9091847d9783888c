"""词库: the hall's knowledge of how citizens speak, in lexicon.yml and lexicon/*.yml."""

from __future__ import annotations

from pydantic import Field, validator

from service_catalog.model.base import Part, Text, at_least_one


class Synonym(Part):
    """同义词: everyday words that always mean one official word."""

    say: tuple[Text, ...] = Field(title="老百姓的说法")
    mean: Text = Field(title="规范说法")

    _filled = validator("say", allow_reuse=True)(at_least_one)


class LexiconEntry(Part):
    """常问句: how citizens ask for an item, in words that its name need not hold.

    Names that no item of the catalogue goes by are welcome: they tell what is done elsewhere, so
    that a neighbour isn't answered in its place.
    """

    say: tuple[Text, ...] = Field(title="老百姓的说法")
    mean: tuple[Text, ...] = Field(
        title="事项名称", description="最合适的写在最前面；本大厅没有的事项也可以写"
    )

    _filled = validator("say", "mean", allow_reuse=True)(at_least_one)


class Outside(Part):
    """不办的事: what people write that asks for no item: complaints, plans, chatter."""

    name: Text = Field(title="类别")
    say: tuple[Text, ...] = Field(title="老百姓的说法")

    _filled = validator("say", allow_reuse=True)(at_least_one)


class Facet(Part):
    """One value of what item names and messages both may tell: what is done, who asks, when."""

    name: Text = Field(title="名称")
    words: tuple[Text, ...] = Field(title="说法")
    needed: bool = Field(
        False,
        title="必须写明",
        description="事项的名称和日常用语里写明这个动作，才会直接回答",
    )

    _filled = validator("words", allow_reuse=True)(at_least_one)


class Lexicon(Part):
    """One lexicon file, or all of a hall's files together."""

    words: tuple[Synonym, ...] = Field((), title="同义词")
    entries: tuple[LexiconEntry, ...] = Field((), title="常问句")
    outside: tuple[Outside, ...] = Field((), title="不办的事")
    operations: tuple[Facet, ...] = Field((), title="办理动作")
    audiences: tuple[Facet, ...] = Field((), title="办理对象")
    situations: tuple[Facet, ...] = Field((), title="办理情形")
    elsewhere: tuple[Text, ...] = Field((), title="别处", description="别的地方，和那里才办的事")
    together: tuple[Text, ...] = Field(
        (), title="合办的说法", description="问的是整件事，不是一个事项，如 一起办"
    )
    fillers: tuple[Text, ...] = Field((), title="虚词", description="不指任何事项的词")
