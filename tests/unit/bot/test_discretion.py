"""What of a citizen's reaches the log of the Rasa server: with Rasa's own processor and loggers."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
import structlog
from aiohttp import web
from channel_world import domain, running
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.events import Event
from rasa.shared.data import TrainingType
from rasa.shared.utils.io import raise_warning
from rasa.utils.endpoints import EndpointConfig
from rasa.utils.log_utils import configure_structlog

from bot.channels.discretion import Discretion, discreet
from bot.conversations import EncryptedTrackerStore
from wechat.simulator import Reply

OPENID = "oABCDEFGHIJKLMNOPQRSTUVWXYZ1"
SECRETS = (OPENID, "张三", "13800138000", "11010119900101123X", "忘掉", "\\u5f20", "Zhang-San")
DOMAIN = domain("action_answer")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that a handler of the root logger writes at Rasa's default level."""
    root, stream = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(stream)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def discretion() -> Iterator[None]:
    discretion = Discretion()
    discretion.begin()
    yield
    discretion.end()


def clean(stream: io.StringIO) -> str:
    text = stream.getvalue()
    assert [secret for secret in SECRETS if secret in text] == [], text
    return text


class Graph:
    """Stands where the trained graph stands: says what the test scripted."""

    def __init__(self, *actions: str) -> None:
        self._actions = iter(actions)

    def run(self, inputs: dict[str, Any], targets: list[str]) -> dict[str, Any]:
        if targets == ["nlu"]:
            message = inputs["__message__"][0]
            return {"nlu": [SimpleNamespace(as_dict=lambda **_: {"text": message.text})]}
        action = next(self._actions, "action_listen")
        return {"core": PolicyPrediction.for_action_name(DOMAIN, action, "scripted")}


class Processor(MessageProcessor):
    """Rasa's processor with a scripted graph instead of a model."""

    graph = Graph()

    @staticmethod
    def _load_model(model_path: Any) -> Any:
        metadata = SimpleNamespace(
            assistant_id="banshi",
            model_id="1",
            domain=DOMAIN,
            training_type=TrainingType.BOTH,
            nlu_target="nlu",
            core_target="core",
        )
        return "model", metadata, Processor.graph


class World:
    """Rasa's processor with an action server that answers what the test wants."""

    def __init__(self, file: str) -> None:
        self.answer: Any = {"events": [], "responses": [{"text": "好的，张三"}]}
        self.status = 200
        self.store = EncryptedTrackerStore(DOMAIN, host=file)
        self._file = file

    async def __aenter__(self) -> World:
        app = web.Application()
        app.router.add_post("/webhook", self._act)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        self.store.engine.dispose()

    async def _act(self, _: web.Request) -> web.Response:
        return web.json_response(self.answer, status=self.status)

    def bot(self, *actions: str) -> Any:
        """What the channel calls with each message."""
        Processor.graph = Graph(*actions)
        processor = Processor(
            "model",
            FailSafeTrackerStore(self.store),
            InMemoryLockStore(),
            TemplatedNaturalLanguageGenerator({}),
            EndpointConfig(f"http://127.0.0.1:{self._port}/webhook"),
        )

        async def hear(message: UserMessage) -> None:
            await processor.handle_message(message)

        return hear


@pytest.fixture
async def world(tmp_path, monkeypatch):
    monkeypatch.setenv("BANSHI_DATA_KEY", "k" * 32)
    async with World(f"sqlite:///{tmp_path / 'conversations.db'}") as world:
        yield world


async def events(world: World) -> int:
    tracker = await world.store.retrieve_full_tracker(OPENID)
    return 0 if tracker is None else len(tracker.events)


async def test_rasa_forgets_at_the_end_of_the_turn_in_which_it_was_asked_to(world, written):
    forget = {"event": "slot", "name": "forgotten", "value": True}
    bot = world.bot("action_answer", "action_listen", "action_answer", "action_listen")
    async with running(bot=bot) as hall:
        citizen = hall.citizen(openid=OPENID)
        assert await citizen.say("我叫张三") == Reply("好的，张三")
        assert await events(world) > 3
        world.answer = {"events": [forget], "responses": [{"text": "忘掉了"}]}
        assert await citizen.say("忘掉我，13800138000") == Reply("忘掉了")
        assert await events(world) == 0
        world.answer = {"events": [], "responses": [{"text": "你好"}]}
        await citizen.say("你好")
        assert 0 < await events(world) < 10
    clean(written)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, {"error": "张三 Zhang-San 13800138000"}),
        (400, {"error": "张三 13800138000", "action_name": "action_answer"}),
        (200, {"events": [{"event": "slot", "name": "name", "value": "张三", "timestamp": "x"}]}),
        (200, {"events": "张三 Zhang-San", "responses": "11010119900101123X"}),
        (200, {"events": [{"event": "slot", "name": "none", "value": "张三"}], "responses": []}),
    ],
)
async def test_a_failed_action_is_told_without_the_citizen_s_words(world, written, status, answer):
    world.status, world.answer = status, answer
    async with running(bot=world.bot("action_answer", "action_listen")) as hall:
        await hall.citizen(openid=OPENID).say("我叫张三，13800138000，忘掉")
    told = clean(written)
    assert "action_answer" in told or "'none'" in told or status == 400


async def test_a_circuit_breaker_is_told_without_the_openid(world, written):
    async with running(bot=world.bot(*["action_answer"] * 20)) as hall:
        await hall.citizen(openid=OPENID).say("我叫张三")
    assert "Circuit breaker tripped" in clean(written)


async def test_a_broken_store_is_told_without_the_conversation(world, written, monkeypatch):
    async with running(bot=world.bot("action_answer", "action_listen")) as hall:
        monkeypatch.delenv("BANSHI_DATA_KEY")
        await hall.citizen(openid=OPENID).say("我叫张三")
    assert "BANSHI_DATA_KEY is not set" in clean(written)


@pytest.mark.usefixtures("discretion")
def test_other_people_s_records(written):
    quoted = {"event": "slot", "name": "name", "value": "张三 Zhang-San"}
    logging.getLogger("rasa.core").error("Parameters: %s", quoted)
    logging.getLogger("rasa.core").error("sender '%s' wrote %r", OPENID, "张三")
    logging.getLogger("rasa.core").error("conversation ID 'Zhang-San'")
    logging.getLogger("sanic.error").error("at '/webhook?nonce=1&openid=Zhang-San'")
    logging.getLogger("asyncio").error("11010119900101123X and %d", 13800138000)
    too_few: tuple[object, ...] = ("张三",)
    logging.getLogger("other").error("%d %d", *too_few)
    logging.getLogger("other").error('{"event": "张三", "name": "Zhang-San"}')
    logging.getLogger("other").error('{"张三": Zhang-San')
    told = clean(written)
    assert "Parameters: {…}" in told
    assert "Traceback" not in told


@pytest.mark.usefixtures("discretion")
def test_errors_tell_their_kind_and_place(written):
    words = "张三 Zhang-San"
    try:
        try:
            raise ValueError(words)
        except ValueError as error:
            raise RuntimeError(OPENID) from error
    except RuntimeError:
        logging.getLogger("rasa.core").exception("it failed")
    told = clean(written)
    assert "it failed\nRuntimeError, raised in:\n" in told
    assert "ValueError, raised in:\n" in told
    assert told.count("test_discretion.py") == 2


@pytest.mark.usefixtures("discretion")
def test_our_own_records_stay_as_they_are(written):
    logging.getLogger("bot.channels.wechat").info('{"event": "wechat.late", "openid": "oFir…"}')
    assert '"openid": "oFir…"' in written.getvalue()


@pytest.mark.usefixtures("discretion")
def test_structured_events_keep_their_name_alone(written):
    before = structlog.get_config()
    configure_structlog(logging.INFO)
    try:
        theirs = structlog.get_logger("rasa.core.nlg.interpolator")
        secret = "张三 Zhang-San"
        try:
            raise KeyError(secret)
        except KeyError:
            theirs.exception("interpolator.interpolate.text", response=secret, event_info="odd")
        structlog.get_logger("bot.channels.letters").info("letters.posted", delivered=True)
    finally:
        structlog.configure(**before)
    told = clean(written)
    assert "interpolator.interpolate.text" in told
    assert '"delivered": true' in told


@pytest.mark.usefixtures("discretion")
def test_warnings_are_discreet_too(written):
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            raise_warning("Categorical slot 'name' is set to a value ('张三')")
    finally:
        logging.captureWarnings(False)
    assert "Categorical slot 'name'" in clean(written)


@pytest.mark.usefixtures("discretion")
def test_an_event_that_rasa_cannot_read(written):
    class Double(Event):
        type_name = "double"

        @classmethod
        def _from_story_string(cls, parameters: dict[str, Any]) -> list[Event]:
            return [numpy.nan, numpy.nan]

    Double._from_parameters({"name": "张三", "phone": "13800138000"})
    assert "Event from parameters called" in clean(written)


def test_discretion_ends_with_the_server():
    before = logging.getLogRecordFactory()
    discretion = Discretion()
    discretion.begin()
    discretion.begin()
    discretion.end()
    discretion.end()
    assert logging.getLogRecordFactory() is before


def test_what_helps_an_operator_stays():
    line = "Couldn't connect to the server at 'http://127.0.0.1:5055/webhook'. Is it running?"
    assert discreet(line) == line
    assert discreet("Loading model models/20261124-091500-calm.tar.gz...").startswith("Loading")
