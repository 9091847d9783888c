"""Running copies for the test bench: the one that runs already, or copies made for it.

A copy of its own has a temporary state directory, a copy of the catalogue with a case's changes, a
clock of its own, free ports, and a local account; nothing of the hall's own settings but the
embedding model reaches it, so that no case writes to a real database.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import yaml

from actions.reply.guide import SHOW_ALL
from cli.model import TrainingFailed, ready_model
from cli.settings import ROOT, SETTINGS, Settings, load
from cli.supervisor import Stopped, Supervisor
from cli.trackers import StoredConversations, Unreadable
from cli.up import programs
from qa.cases import Channel, Setting
from qa.overlay import lay_over
from qa.stacks import NoStack, Stack, Tell
from service_catalog.errors import ProblemsFound
from service_catalog.loader import Loader
from wechat.account import Account

_PORTS = ("BANSHI_BOT_PORT", "BANSHI_ACTIONS_PORT", "BANSHI_WEB_PORT", "BANSHI_SIMULATOR_PORT")
_KEPT = tuple(name for name in SETTINGS if name.startswith("BANSHI_EMBEDDINGS"))
_LAST_WORDS = 12


async def answers(settings: Settings) -> bool:
    """Whether a copy runs at the settings' address."""
    url = f"{settings.url('BANSHI_BOT_PORT')}/webhooks/wechat/"
    timeout = aiohttp.ClientTimeout(total=2)
    with suppress(aiohttp.ClientError, asyncio.TimeoutError, OSError):
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            return response.status == 200
    return False


@dataclass
class LocalStacks:
    """Copies on this machine.

    Attributes:
        settings: Of the copy that may run already.
        running: Whether it does, and plain cases go to it.
        through: The channel; copies made for REST open it.
        tell: Hears what is being started.
    """

    settings: Settings
    running: bool
    through: Channel
    tell: Tell
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    def open(self, setting: Setting) -> AbstractAsyncContextManager[Stack]:
        """The running copy for plain cases if there is one, else a copy of its own."""
        if self.running and setting.plain:
            return self._running_copy()
        return self._own_copy(setting)

    @asynccontextmanager
    async def _running_copy(self) -> AsyncIterator[Stack]:
        if self.through is Channel.REST:
            raise NoStack(
                "正在运行的系统没有打开REST通道（credentials.yml 里没有 rest）：加上 --own"
            )
        trackers = StoredConversations(
            self.settings["BANSHI_CONVERSATIONS_DB"], self.settings["BANSHI_DATA_KEY"]
        )
        try:
            await trackers.events("")
            yield _stack(self.settings, trackers, rest=False)
        except Unreadable as error:
            what = "读不到正在运行的系统的对话记录，它可能是用别的设置启动的：加上 --own"
            raise NoStack(f"{what}（{error}）") from None
        finally:
            trackers.close()

    @asynccontextmanager
    async def _own_copy(self, setting: Setting) -> AsyncIterator[Stack]:
        with tempfile.TemporaryDirectory(prefix="banshi-qa-") as folder:
            supervisor: Supervisor | None = None
            trackers: StoredConversations | None = None
            try:
                async with self._starting:
                    settings, model = await self._prepared(setting, Path(folder))
                    supervisor = self._supervisor(settings, model, Path(folder))
                    await supervisor.start()
                trackers = StoredConversations(
                    settings["BANSHI_CONVERSATIONS_DB"], settings["BANSHI_DATA_KEY"]
                )
                yield _stack(settings, trackers, rest=True, model=model.name)
            except Stopped as stopped:
                raise NoStack(f"测试环境起不来：{_last_words(str(stopped))}") from None
            finally:
                if trackers:
                    trackers.close()
                if supervisor:
                    await supervisor.stop()

    async def _prepared(self, setting: Setting, folder: Path) -> tuple[Settings, Path]:
        """The copy's catalogue, settings and model."""
        content = folder / "content"
        shutil.copytree(self.settings["BANSHI_CATALOG"], content)
        try:
            lay_over(setting.overlay, content)
            Loader(content).load()
        except ProblemsFound as found:
            raise NoStack(f"改动后的目录有错：\n{found}") from None
        settings = self._settings_of(setting, folder, content)
        try:
            return settings, await ready_model(settings, self.tell)
        except TrainingFailed as error:
            raise NoStack(f"模型训练失败：{_last_words(str(error))}") from None

    def _settings_of(self, setting: Setting, folder: Path, content: Path) -> Settings:
        given = dict.fromkeys(SETTINGS, "")  # in place of those in .env
        given |= {name: self.settings[name] for name in _KEPT}
        given |= dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
        given |= {
            "BANSHI_VAR": str(folder / "var"),
            "BANSHI_CATALOG": str(content),
            "BANSHI_CLOCK": setting.at.isoformat() if setting.at else self.settings["BANSHI_CLOCK"],
        }
        return load(given)

    def _supervisor(self, settings: Settings, model: Path, folder: Path) -> Supervisor:
        moment = settings["BANSHI_CLOCK"] or "现在"
        self.tell(f"启动测试环境（时间：{moment}）…")
        return Supervisor(
            programs(settings, model, self._credentials(folder)),
            environment=settings.environment(),
            host=settings["BANSHI_HOST"],
            cwd=ROOT,
            logs=settings.var / "logs",
            tell=lambda _: None,
        )

    def _credentials(self, folder: Path) -> str:
        """The file of Rasa's channels, with REST when that is what the cases go through."""
        if self.through is not Channel.REST:
            return "credentials.yml"
        channels = yaml.safe_load((ROOT / "credentials.yml").read_text(encoding="utf-8"))
        file = folder / "credentials.yml"
        file.write_text(yaml.safe_dump({**channels, "rest": {}}), encoding="utf-8")
        return str(file)


def _stack(
    settings: Settings, trackers: StoredConversations, *, rest: bool, model: str = ""
) -> Stack:
    bot = settings.url("BANSHI_BOT_PORT")
    return Stack(
        webhook=f"{bot}/webhooks/wechat/webhook",
        rest=f"{bot}/webhooks/rest/webhook" if rest else "",
        account=Account.from_env(settings.values),
        catalog=Loader(Path(settings["BANSHI_CATALOG"])).load(),
        trackers=trackers,
        show_all=SHOW_ALL,
        model=model,
    )


def _free_ports(count: int) -> list[str]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [str(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _last_words(text: str) -> str:
    return "\n".join(text.splitlines()[-_LAST_WORDS:])
