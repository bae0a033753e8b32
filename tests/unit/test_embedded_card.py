"""Labels and card inside a model file, behind its graph."""

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from model_surgery import STARTER, with_card

from weldspot_desktop import labels
from weldspot_desktop.model import ModelFile, Session, embedded
from weldspot_desktop.model.file import read_card

GRAPH = STARTER.read_bytes()
CARD = read_card(STARTER)


def test_labels_and_card_are_read_back_and_describe_the_graph() -> None:
    content = embedded.embed(GRAPH, CARD)
    assert content.startswith(GRAPH)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("labels.txt").decode().splitlines() == list(labels.CLASSES)
    found = embedded.card_in(content)
    assert found is not None
    assert found.sha256 == hashlib.sha256(GRAPH).hexdigest()
    assert found.bytes == len(GRAPH)
    assert found.thresholds == CARD.thresholds
    assert found.metrics == CARD.metrics


def test_a_plain_interpreter_loads_the_file_and_gives_the_same_scores() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (1, 320, 320, 3), dtype=np.uint8)
    answers = []
    for content in (GRAPH, embedded.embed(GRAPH, CARD)):
        runner = Interpreter(model_content=content).get_signature_runner("serving_default")
        answers.append(runner(image=picture)["probabilities"])
    np.testing.assert_array_equal(*answers)


def test_embedding_again_replaces_and_is_the_same_everywhere() -> None:
    once = embedded.embed(GRAPH, CARD)
    other = embedded.embed(once, CARD.model_copy(update={"version": 9}))
    assert embedded.graph_of(other) == GRAPH
    assert embedded.embed(other, CARD) == once
    assert embedded.graph_of(GRAPH) == GRAPH


def test_a_saved_file_has_both_cards_and_opens(tmp_path: Path) -> None:
    path = with_card(tmp_path, GRAPH, version=7)
    model = ModelFile.open(path)
    assert (model.card.version, model.card.bytes) == (7, path.stat().st_size)
    assert embedded.card_in(model.content) is not None
    assert Session(model).run(np.zeros((9, 9, 3), dtype=np.uint8)).scores.shape == (7,)


@pytest.mark.parametrize("spoilt", ["other graph", "no card", "bad card", "huge card", "cut"])
def test_a_card_that_does_not_fit_is_not_believed(spoilt: str) -> None:
    content = embedded.embed(GRAPH, CARD)
    if spoilt == "other graph":
        content = content[:2000] + bytes([content[2000] ^ 1]) + content[2001:]
    elif spoilt == "cut":
        content = content[:-30]
    else:
        file = io.BytesIO(GRAPH)
        with zipfile.ZipFile(file, "a", compression=zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("labels.txt", "a\n")
            if spoilt != "no card":
                archive.writestr(embedded.CARD, "{" if spoilt == "bad card" else b" " * (embedded.LARGEST_CARD + 2))
        content = file.getvalue()
    assert embedded.card_in(content) is None
