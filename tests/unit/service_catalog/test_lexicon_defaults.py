"""Whose lexicon counts: a catalogue's own, or the shipped one where it has none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from catalog_world import SHIPPED, Copy
from structlog.testing import capture_logs

from service_catalog.catalog import Catalog
from service_catalog.check import check
from service_catalog.clock import now
from service_catalog.loader import Loader
from service_catalog.search import Decision
from service_catalog.store import CatalogStore

SAYING, OTHER = "给娃上户口", "怀孕了要办证"
"""What the shipped lexicon knows; the second shares no character with the item's name."""
OWN = """\
entries:
  - mean: [户口登记]
    say: [呱呱叫]
  - mean: [婚姻登记]
    say: [想去扯那张红本本]
  - mean: [食品经营许可]
    say: [摆摊卖烧烤]
  - mean: [林木采伐许可]
    say: [砍后山的树]
  - mean: [出租汽车驾驶员从业资格证核发]
    say: [跑网约车]
  - mean: [设立博物馆备案]
    say: [把老物件摆出来给人看]
  - mean: [失业保险金申领]
    say: [丢了工作领补助]
  - mean: [法律援助]
    say: [没钱打官司]
  - mean: [取水许可]
    say: [打一口井]
  - mean: [养犬登记]
    say: [养了条小狗]
fillers: [请问]
"""


@dataclass(frozen=True)
class Names:
    """A directory that holds items known by name alone."""

    directory: Path

    def draft(self, item: str, name: str) -> None:
        self.write(f"drafts/{item}.yml", f"id: {item}\nname: {name}\ndepartment: 某局\n")

    def write(self, name: str, text: str) -> None:
        file = self.directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def load(self) -> Catalog:
        return Loader(self.directory).load()


@pytest.fixture
def names(tmp_path: Path) -> Names:
    """A few items of a hall that has written nothing else yet."""
    made = Names(tmp_path / "names")
    for item, name in {
        "hukou": "户口登记",
        "wedding": "结婚登记",
        "birth": "生育登记",
        "shop": "食品经营许可",
        "forest": "林木采伐许可",
        "taxi": "出租汽车驾驶员从业资格证核发",
        "museum": "设立博物馆备案",
    }.items():
        made.draft(item, name)
    return made


def best(catalog: Catalog, said: str) -> str | None:
    """The item that `said` would be answered or asked about with."""
    hits = catalog.index.search(said).hits
    return hits[0].id if hits else None


def test_without_a_lexicon_the_shipped_one_counts(names: Names) -> None:
    catalog = names.load()
    assert best(catalog, SAYING) == "hukou"
    assert best(catalog, OTHER) == "birth"
    assert catalog.index.content("请问户口登记怎么办") == "户口登记", "fillers too"


def test_a_lexicon_of_its_own_counts_alone(names: Names) -> None:
    names.write("lexicon.yml", OWN)
    catalog = names.load()
    assert best(catalog, "呱呱叫") == "hukou"
    assert best(catalog, OTHER) is None, "the shipped sayings are not asked"
    assert catalog.index.content("请问怎么") == "怎么", "nor the shipped fillers"


def test_one_file_in_the_folder_is_a_lexicon_too(names: Names) -> None:
    names.write("lexicon/families.yml", OWN)
    catalog = names.load()
    assert best(catalog, "呱呱叫") == "hukou"
    assert best(catalog, OTHER) is None


def test_files_of_a_lexicon_are_one(names: Names) -> None:
    names.write("lexicon.yml", OWN)
    names.write("lexicon/shops.yml", "entries:\n  - {mean: [食品经营许可], say: [哐当响]}\n")
    catalog = names.load()
    assert (best(catalog, "呱呱叫"), best(catalog, "哐当响")) == ("hukou", "shop")


def test_the_shipped_lexicon_is_no_file_of_the_catalogue(names: Names) -> None:
    loader = Loader(names.directory)
    loader.load()
    assert {Path(name).parts[0] for name in loader.entries()} == {"drafts"}
    assert check(names.directory, now().date()).errors == ()


def test_a_first_lexicon_is_live_and_so_is_its_removal(names: Names) -> None:
    store = CatalogStore(names.directory)
    before = store.current()
    assert best(before, OTHER) == "birth"
    names.write("lexicon.yml", OWN)
    assert best(store.current(), "呱呱叫") == "hukou"
    assert best(store.current(), OTHER) is None
    (names.directory / "lexicon.yml").unlink()
    after = store.current()
    assert best(after, OTHER) == "birth"
    assert after.version == before.version


@pytest.mark.parametrize("file", ["lexicon.yml", "lexicon/families.yml"])
def test_an_edit_of_the_lexicon_is_live(names: Names, file: str) -> None:
    names.write(file, OWN)
    store = CatalogStore(names.directory)
    before = store.current()
    assert best(before, "哐当响") is None
    names.write(file, OWN.replace("[呱呱叫]", "[呱呱叫, 哐当响]"))
    after = store.current()
    assert best(after, "哐当响") == "hukou"
    assert best(before, "哐当响") is None, "who asked before keeps what there was"
    assert after.version != before.version
    names.write(file, OWN.replace("呱呱叫", "叽里咕噜"))
    assert best(store.current(), "呱呱叫") is None
    assert best(store.current(), "叽里咕噜") == "hukou"


def test_a_new_item_is_found_by_sayings_that_were_there_before_it(names: Names) -> None:
    names.write("lexicon.yml", OWN)
    store = CatalogStore(names.directory)
    assert best(store.current(), "想去扯那张红本本") != "marriage"
    names.draft("marriage", "婚姻登记")
    assert best(store.current(), "想去扯那张红本本") == "marriage"


@pytest.mark.parametrize(
    ("faulty", "place"),
    [
        (OWN.replace("[户口登记]", "户口登记"), "lexicon.yml:2 【常问句第1项·事项名称】"),
        (OWN.replace("say: [呱呱叫]", "says: [呱呱叫]"), "lexicon.yml:2 【常问句第1项"),
        (OWN + "outside: [天气]\n", "lexicon.yml:23 【不办的事第1项"),
        (OWN + "\tfillers: [x]\n", "lexicon.yml:23"),
    ],
    ids=["one text", "unknown key", "no kind", "tab"],
)
def test_a_faulty_edit_of_the_lexicon_is_refused(names: Names, faulty: str, place: str) -> None:
    names.write("lexicon.yml", OWN)
    store = CatalogStore(names.directory)
    good = store.current()
    names.write("lexicon.yml", faulty)
    with capture_logs() as logs:
        assert store.current() is good
    assert {entry["event"] for entry in logs} == {"catalog.refused"}
    assert any(entry["problem"].startswith(place) for entry in logs), logs
    assert best(store.current(), "呱呱叫") == "hukou", "not the shipped one either"
    names.write("lexicon.yml", OWN.replace("呱呱叫", "哐当响"))
    assert best(store.current(), "哐当响") == "hukou"


def test_what_other_halls_do_is_not_answered_with_a_neighbour(names: Names) -> None:
    names.draft("burial", "殡葬服务管理")
    names.write("lexicon.yml", OWN)
    asked = "我家狗狗去世了想给它办个葬礼"
    assert best(names.load(), asked) in {"burial", None}
    other = "  - mean: [宠物殡葬服务]\n    say: [狗狗去世了想办个葬礼, 猫死了葬在哪里]\n"
    names.write("lexicon.yml", OWN.replace("entries:\n", f"entries:\n{other}"))
    catalog = names.load()
    assert catalog.index.search(asked).decision is Decision.NONE
    assert catalog.index.search("狗狗去世了想办个葬礼").decision is Decision.NONE
    assert catalog.index.search("殡葬服务管理").decision is Decision.ANSWER
    report = check(names.directory, now().date())
    assert (report.errors, [one for one in report.warnings if "lexicon" in one.file]) == ((), [])


@pytest.mark.parametrize(
    ("said", "absent"),
    [
        ("我想请律师打官司没有钱，能申请法律援助吗", "法律援助"),
        ("砍自家山上的树要办什么手续", "林木采伐"),
        ("开网约车要考什么证", "出租汽车"),
    ],
)
def test_sayings_of_items_that_the_hall_has_not_find_no_neighbour(
    tmp_path: Path, said: str, absent: str
) -> None:
    """A few services under the whole shipped lexicon: most of its entries mean none of them."""
    copy = Copy.of_shipped(tmp_path)
    for file in SHIPPED.glob("lexicon/*.yml"):
        copy.write(f"lexicon/{file.name}", file.read_bytes())
    catalog = Loader(copy.directory).load()
    assert not any(absent in service.name for service in catalog.services.values())
    assert catalog.index.search(said).decision is not Decision.ANSWER
