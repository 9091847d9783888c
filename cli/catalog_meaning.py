"""The embedding model in `banshi catalog search`: the same vectors that the chat's search uses.

A command has more time than a citizen's message: it embeds everything first and then searches, so
that either all of its messages are searched for with the model or none is.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cli import settings as all_settings
from cli.settings import SettingsError

if TYPE_CHECKING:  # `banshi --help` stays quick
    from pathlib import Path

    from service_catalog.search import SearchIndex
    from service_catalog.search.embedders import Embedder
    from service_catalog.search.index import Meaning

MESSAGE_SECONDS = 30.0
"""So long a few dozen messages may take."""
SILENCE = 2.0
"""Seconds after which people are told what takes so long."""


def meaning_of(index: SearchIndex, messages: Sequence[str]) -> Meaning | None:
    """How close the messages are to the index's texts by the model that is set, if one is.

    A model that can't be used is told on the error output; then there is no meaning.

    Raises:
        click.ClickException: The settings can't be used.
    """
    try:
        settings = all_settings.embeddings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    if not settings.address:
        return None
    from service_catalog.errors import EmbeddingFailed  # noqa: PLC0415
    from service_catalog.search.embedders import embedder  # noqa: PLC0415

    try:
        model = embedder(settings.address, settings.model, settings.key)
    except ValueError as error:
        raise click.ClickException(f"BANSHI_EMBEDDINGS: {error}") from None
    if model is None:
        return None
    try:
        # What is logged is not the command's output.
        with contextlib.redirect_stdout(sys.stderr):
            return asyncio.run(_heard(model, settings.file, index, messages))
    except EmbeddingFailed as error:
        click.echo(f"语义向量模型用不了，这次只按字词查找。原因：{error}", err=True)
        click.echo("请检查 BANSHI_EMBEDDINGS 几项设置；不用模型就把它们留空。", err=True)
        return None


async def _heard(
    model: Embedder, file: Path, index: SearchIndex, messages: Sequence[str]
) -> Meaning:
    from service_catalog.search.dense import Vectors  # noqa: PLC0415
    from service_catalog.search.embedders import HTTP_BATCH  # noqa: PLC0415
    from service_catalog.search.meaning import DenseMeaning, heard  # noqa: PLC0415

    said = [text for text in map(heard, messages) if text]
    vectors = Vectors(model, file, queries=max(1, len(said)), seconds=MESSAGE_SECONDS)
    meaning = DenseMeaning(vectors)
    notice = asyncio.get_running_loop().call_later(SILENCE, _tell_of_the_wait)
    try:
        await meaning.follow(index)
        for start in range(0, len(said), HTTP_BATCH):
            await vectors.remember(said[start : start + HTTP_BATCH])
    finally:
        notice.cancel()
        await meaning.aclose()
    return meaning


def _tell_of_the_wait() -> None:
    click.echo("正在用语义向量模型计算，第一次要算目录里的全部说法，请稍等……", err=True)
