"""An edit is live with the next question; a faulty one never takes the catalogue down."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from catalog_world import Copy
from structlog.testing import capture_logs

from service_catalog import loader
from service_catalog import store as store_module
from service_catalog.catalog import Catalog
from service_catalog.errors import ProblemsFound
from service_catalog.store import CatalogStore

CARD = "services/id-card-renew.yml"
NEW = "services/lost-and-found.yml"


def new_service(content: Copy) -> str:
    """A service that the shipped content doesn't have."""
    card = content.text(CARD).replace("id: id-card-renew", "id: lost-and-found")
    head, _, rest = card.partition("aliases:")
    return (
        head.replace("居民身份证到期换领", "失物招领")
        + "department:"
        + rest.partition("department:")[2]
    )


@contextmanager
def parsing() -> Iterator[list[str]]:
    """The names of the files that are really read, in order."""
    read: list[str] = []
    original = loader.read_document

    def counting(path, name):
        read.append(name)
        return original(path, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "read_document", counting)
        yield read


def test_an_edit_is_seen_by_the_very_next_question(content: Copy) -> None:
    store = CatalogStore(content.directory)
    before = store.current()
    content.edit(CARD, "amount: 20", "amount: 21.50")
    after = store.current()
    assert str(after.service("id-card-renew").fee.items[0].amount) == "21.50"
    assert str(before.service("id-card-renew").fee.items[0].amount) == "20"
    assert after.version != before.version


def test_a_new_file_is_seen_and_found(content: Copy) -> None:
    store = CatalogStore(content.directory)
    assert "lost-and-found" not in store.current().services
    content.write(NEW, new_service(content))
    assert store.current().index.search("失物招领").hits[0].id == "lost-and-found"


def test_a_removed_file_is_gone(content: Copy) -> None:
    content.write(NEW, new_service(content))
    store = CatalogStore(content.directory)
    assert "lost-and-found" in store.current().services
    (content.directory / NEW).unlink()
    after = store.current()
    assert "lost-and-found" not in after.services
    assert "lost-and-found" not in {hit.id for hit in after.index.search("失物招领").hits}


def test_a_removed_file_that_something_refers_to_is_missed(content: Copy) -> None:
    content.write(
        "terminals.yml",
        "terminals:\n  - {id: one, name: 自助机, address: 大厅, hours: 24小时, "
        "services: [id-card-renew], phone: 0600-8800100}\n",
    )
    store = CatalogStore(content.directory)
    (content.directory / CARD).unlink()
    assert "id-card-renew" in store.current().services, "the last good catalogue"
    assert any("“id-card-renew”" in problem.what for problem in content.problems())


def test_an_edit_of_words_holidays_places_and_hall_is_seen(content: Copy) -> None:
    store = CatalogStore(content.directory)
    content.edit("lexicon.yml", "words:\n", "words:\n  - say: [呱呱叫]\n    mean: 换身份证\n")
    assert store.current().index.search("呱呱叫").hits[0].id == "id-card-renew"
    content.edit("hall.yml", "cancel_hours: 2", "cancel_hours: 24")
    assert store.current().hall.booking.cancel_hours == 24
    content.edit("places/town-qingshi.yml", "08:30-12:00", "08:00-12:00")
    assert store.current().place("town-qingshi").hours.workdays[0] == "08:00-12:00"


def test_a_faulty_edit_keeps_the_last_good_catalogue_and_is_logged_once(content: Copy) -> None:
    store = CatalogStore(content.directory)
    good = store.current()
    content.edit(CARD, "kind: 行政确认", "kind: 确认")
    content.edit("services/passport-first.yml", "  - 申请护照", "\t- 申请护照")
    with capture_logs() as logs:
        assert store.current() is good
        assert store.current() is good
    refused = [entry for entry in logs if entry["event"] == "catalog.refused"]
    assert [entry["problem"].split(" ")[0].split(":")[0] for entry in refused] == [
        CARD,
        "services/passport-first.yml",
    ]
    assert {entry["log_level"] for entry in refused} == {"warning"}
    assert {entry["serving"] for entry in refused} == {good.version}


def test_mending_a_faulty_edit_recovers(content: Copy) -> None:
    store = CatalogStore(content.directory)
    good = store.current()
    content.edit(CARD, "kind: 行政确认", "kind: 确认")
    assert store.current() is good
    content.edit(CARD, "kind: 确认", "kind: 行政给付")
    with capture_logs() as logs:
        mended = store.current()
    assert mended.service("id-card-renew").kind.value == "行政给付"
    assert [entry["event"] for entry in logs] == ["catalog.loaded"]
    content.edit(CARD, "kind: 行政给付", "kind: 行政确认")
    assert store.current().version == good.version, "the same content is the same version"


def test_a_good_edit_waits_for_the_faulty_one_beside_it(content: Copy) -> None:
    store = CatalogStore(content.directory)
    content.edit(CARD, "kind: 行政确认", "kind: 确认")
    store.current()
    content.edit("hall.yml", "cancel_hours: 2", "cancel_hours: 24")
    assert store.current().hall.booking.cancel_hours == 2
    content.edit(CARD, "kind: 确认", "kind: 行政确认")
    assert store.current().hall.booking.cancel_hours == 24


def test_a_directory_that_vanishes_and_returns(content: Copy) -> None:
    store = CatalogStore(content.directory)
    good = store.current()
    away = content.directory.with_name("away")
    content.directory.rename(away)
    assert store.current() is good
    away.rename(content.directory)
    assert store.current().version == good.version


def test_a_faulty_directory_is_refused_at_the_start(content: Copy) -> None:
    content.edit(CARD, "kind: 行政确认", "kind: 确认")
    with pytest.raises(ProblemsFound, match=CARD):
        CatalogStore(content.directory)


def test_two_stores_on_one_directory_agree(content: Copy) -> None:
    one, two = CatalogStore(content.directory), CatalogStore(content.directory)
    assert one.current().version == two.current().version
    content.edit(CARD, "amount: 20", "amount: 200")
    assert one.current().version == two.current().version
    content.write(NEW, new_service(content))
    assert two.current().version == one.current().version
    assert "lost-and-found" in one.current().services


def test_files_that_did_not_change_are_not_read_again(content: Copy) -> None:
    with parsing() as read:
        store = CatalogStore(content.directory)
        assert len(read) == len(set(read)) > 10
        read.clear()
        store.current()
        assert read == []
        content.edit(CARD, "amount: 20", "amount: 200")
        store.current()
        assert read == [CARD]


async def test_fresh_sees_the_edit_without_holding_up_the_loop(content: Copy) -> None:
    store = CatalogStore(content.directory)
    assert await store.fresh() is store.current()
    content.edit(CARD, "amount: 20", "amount: 200")
    assert str((await store.fresh()).service("id-card-renew").fee.items[0].amount) == "200"


def test_readers_in_threads_see_the_old_or_the_new_and_nothing_between(content: Copy) -> None:
    store = CatalogStore(content.directory)
    started, stop = threading.Barrier(5), threading.Event()
    edits = 6

    def read() -> list[tuple[str, str]]:
        seen = []
        started.wait()
        while not stop.is_set():
            snapshot = store.current()
            name = snapshot.service("id-card-renew").name
            assert snapshot.index.search(name).hits[0].name == name, "the search is of one piece"
            seen.append((snapshot.version, name))
        return seen

    versions = {store.current().version: "居民身份证到期换领"}
    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        started.wait()
        try:
            for number in range(edits):
                old = store.current().service("id-card-renew").name
                content.edit(CARD, f"name: {old}", f"name: 居民身份证到期换领第{number}版")
                found = store.current()
                assert found.version not in versions, "not the old while another loads the new"
                versions[found.version] = found.service("id-card-renew").name
        finally:
            stop.set()
        seen = {pair for reader in readers for pair in reader.result()}
    assert seen <= set(versions.items())
    assert versions[store.current().version] == f"居民身份证到期换领第{edits - 1}版"


def a_clock(monkeypatch: pytest.MonkeyPatch, *moments: float) -> None:
    """The moments (seconds) of the looks that come."""
    left = iter(moments)
    monkeypatch.setattr(store_module.time, "monotonic", lambda: next(left))


def test_a_look_is_good_for_as_long_as_it_was_asked_for(
    content: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_clock(monkeypatch, 0.0, 0.1, 0.499, 0.502)
    store = CatalogStore(content.directory, rest=0.5)
    before = store.current()
    content.edit(CARD, "amount: 20", "amount: 21.50")
    assert store.current() is before
    assert store.current() is before
    assert store.current().version != before.version


def test_many_files_are_looked_at_a_few_times_a_second(
    content: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "FEW", 3)
    a_clock(monkeypatch, 0.0, 0.1, 0.2, 0.251)
    store = CatalogStore(content.directory)
    before = store.current()
    content.edit(CARD, "amount: 20", "amount: 21.50")
    assert store.current() is before
    assert store.current() is before
    assert store.current().version != before.version


def test_nobody_is_told_the_old_while_another_waits_for_the_new(
    content: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CatalogStore(content.directory, rest=60.0)
    loading, go_on = threading.Event(), threading.Event()
    load = loader.Loader.load

    def slow(one: loader.Loader) -> Catalog:
        loading.set()
        assert go_on.wait(10)
        return load(one)

    monkeypatch.setattr(loader.Loader, "load", slow)
    content.edit(CARD, "amount: 20", "amount: 21.50")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(store.current)
        assert loading.wait(10)
        second = pool.submit(store.current)
        go_on.set()
        for asked in (first, second):
            assert str(asked.result(10).service("id-card-renew").fee.items[0].amount) == "21.50"


def test_an_unexpected_error_of_the_loading_is_met_once(
    content: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CatalogStore(content.directory)
    good = store.current()

    def broken(_: loader.Loader) -> Catalog:
        raise RecursionError

    monkeypatch.setattr(loader.Loader, "load", broken)
    content.edit(CARD, "amount: 20", "amount: 21.50")
    with pytest.raises(RecursionError):
        store.current()
    assert store.current() is good
