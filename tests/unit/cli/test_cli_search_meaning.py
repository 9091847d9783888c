"""`banshi catalog search` with an embedding model: a real service, called as staff call it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result
from embedding_service import WORD

from cli.main import main


@pytest.fixture(autouse=True)
def _settings(monkeypatch, small_content, tmp_path):
    monkeypatch.setenv("BANSHI_CATALOG", str(small_content))
    monkeypatch.setenv("BANSHI_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("BANSHI_EMBEDDINGS", raising=False)


@pytest.fixture
def _with_model(monkeypatch, model_service):
    monkeypatch.setenv("BANSHI_EMBEDDINGS", model_service.url)


def search(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["catalog", "search", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def found(*arguments: str) -> tuple[str, list[str]]:
    told = json.loads(search(*arguments, "--json").stdout)
    return told["decision"], [one["id"] for one in told["results"]]


def test_without_a_model_a_made_up_word_finds_nothing(model_service):
    decision, ids = found(WORD)
    assert decision == "none"
    assert "card" not in ids
    assert "语义" not in search(WORD, "--explain").output
    assert model_service.asked == []


@pytest.mark.usefixtures("_with_model")
def test_with_a_model_it_finds_what_it_means():
    decision, ids = found(WORD)
    assert decision != "none"
    assert ids[0] == "card"
    told = search(WORD)
    assert "本子到期换新" in told.stdout.splitlines()[1]


@pytest.mark.usefixtures("_with_model")
def test_the_explanation_tells_that_the_model_took_part():
    line = next(line for line in search(WORD, "--explain").stdout.splitlines() if "语义" in line)
    assert line.startswith("语义向量模型参与了打分")
    assert "本子" in line
    assert "1.00" in line


@pytest.mark.usefixtures("_with_model")
def test_the_catalogue_is_embedded_once(model_service):
    search(WORD)
    model_service.asked.clear()
    search(WORD)
    assert model_service.asked == [[WORD]]


@pytest.mark.usefixtures("_with_model")
def test_a_file_of_messages_is_embedded_too(model_service, tmp_path):
    said = [WORD, "换本子", "", *(f"{WORD}{number}" for number in range(600))]
    lines = [json.dumps({"id": at, "query": text}) for at, text in enumerate(said)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    assert search("--queries", str(tmp_path / "in.jsonl"), "--out", str(out)).exit_code == 0
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [one["id"] for one in told] == list(range(len(said)))
    assert {one["results"][0]["id"] for one in told if one["id"] != 2} == {"card"}
    assert "" not in model_service.texts


@pytest.mark.usefixtures("_with_model")
def test_a_model_that_can_not_be_used_is_told_and_words_decide(model_service):
    model_service.fails = True
    told = search("换本子", "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["results"][0]["id"] == "card"
    assert "语义向量模型用不了，这次只按字词查找。原因：" in told.stderr
    assert "401" in told.stderr
    assert "语义向量模型参与" not in search(WORD, "--explain").output


def test_a_service_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setenv("BANSHI_EMBEDDINGS", "http://127.0.0.1:9/v1/embeddings")
    told = search("换本子")
    assert "card" in told.stdout
    assert "can't be reached" in told.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("BANSHI_EMBEDDINGS", "sk-secret"), ("BANSHI_EMBEDDINGS_KEY", "密")]
)
@pytest.mark.usefixtures("_with_model")
def test_a_setting_that_makes_no_sense_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    told = search("换本子")
    assert told.exit_code == 1
    assert "BANSHI_EMBEDDINGS" in told.output
    assert value not in told.output


@pytest.mark.usefixtures("_with_model")
def test_another_catalogue_is_searched_without_making_secrets(small_content, tmp_path):
    assert "card" in search(WORD, "--catalog", str(small_content)).stdout
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["embeddings.db"]
