"""From a dataset to a published model and back, through the commands that people type; one workspace, no TensorFlow."""

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_surgery import FLOAT16, STARTER, changed, single_output, unscaled, with_card, zeroed

from weldspot_desktop import cli
from weldspot_desktop.cloud import manifest
from weldspot_desktop.context import Context
from weldspot_desktop.dataset.synthetic import BACKGROUNDS, write_dataset
from weldspot_desktop.model.file import read_card, save
from weldspot_desktop.registry import parity
from weldspot_desktop.registry.scoring import score
from weldspot_desktop.store import people, uploads
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import Upload
from weldspot_desktop.store.uploads import Arrival, State

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a small dataset that was split."""
    folder = tmp_path_factory.mktemp("models")
    source = write_dataset(folder / "data", 60, seed=21, size=96)
    for arguments in (
        ["dataset", "import", str(source)],
        ["dataset", "import", str(folder / "data" / BACKGROUNDS)],
        ["dataset", "split"],
    ):
        assert cli.run(["--workspace", str(folder / "workspace"), *arguments]) == 0
    return folder / "workspace"


@pytest.fixture
def weldspot(filled: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in a copy of that workspace: exit code, output, errors."""
    shutil.copytree(filled, workspace)

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def good(folder: Path, version: int = 4) -> Path:
    """A folder of a model that is as good as the active one, because it has its graph."""
    return with_card(folder, STARTER.read_bytes(), version=version).parent


def listed(weldspot: Command) -> dict[int, list[str]]:
    code, out, err = weldspot("models", "list", "--json")
    assert code == 0, err
    return {row["number"]: row["states"] for row in json.loads(out)}


def add_person(workspace: Path, name: str) -> None:
    context = Context(workspace)
    with context.database.write() as session:
        people.add(session, name=name, role=Role.MANAGER, by="system")
    context.close()


def test_from_a_dataset_to_phones_and_back(weldspot: Command, tmp_path: Path) -> None:
    code, out, err = weldspot("models", "add", good(tmp_path / "new"))
    assert (code, listed(weldspot)) == (0, {0: ["active"], 1: ["candidate"]}), err
    key, public = tmp_path / "key.pem", tmp_path / "published"
    assert weldspot("keys", "create", "--file", key)[0] == 0
    publish = ("publish", "--to", "local", "--folder", public, "--key", key)
    code, out, err = weldspot(*publish, "1")
    assert code == 1
    assert "the gate was not asked" in err
    code, out, err = weldspot("models", "gate", "1")
    assert (code, "The gate passes it." in out) == (0, True), out + err
    assert "pictures of the frozen test split: +0.000 (+0.000 to +0.000)" in out
    code, out, err = weldspot("models", "promote", "1")
    assert code == 0, err
    assert listed(weldspot) == {0: ["candidate"], 1: ["active"]}
    # What judges is another file at once.
    sample = next((STARTER.parents[1] / "samples").glob("*.jpg"))
    assert weldspot("inspect", sample, "--json")[0] == 0
    assert "weld 4" in weldspot("models")[1]
    code, out, err = weldspot(*publish, "--json")
    assert code == 0, err
    assert json.loads(out)["version"] == 1
    told = manifest.read((public / "models/weld/manifest.json").read_bytes(), "weld")
    assert hashlib.sha256((public / told.path).read_bytes()).hexdigest() == told.sha256
    code, out, err = weldspot(*publish, "--json")
    assert (json.loads(out)["version"], json.loads(out)["changed"]) == (1, False)
    assert weldspot(*publish, "starter")[0] == 0
    assert listed(weldspot) == {0: ["published"], 1: ["active"]}
    code, out, err = weldspot(*publish, "1", "--json")
    assert code == 0, err
    back = json.loads(out)
    assert (back["version"], back["path"]) == (3, told.path)
    assert listed(weldspot) == {0: ["candidate"], 1: ["active", "published"]}
    code, out, err = weldspot("models", "rollback", "--reason", "a drill")
    assert (code, out) == (0, "weld 3 (model 0) is in use again.\n"), err
    code, out, err = weldspot("models", "retire", "1")
    assert code == 1
    assert "is published at local:" in err
    code, out, err = weldspot("log", "verify")
    assert code == 0, out + err


@pytest.mark.parametrize("damage", [zeroed, unscaled])
def test_a_broken_conversion_is_stopped_at_the_gate_and_before_phones(
    weldspot: Command, tmp_path: Path, workspace: Path, damage: Callable[[Any], None]
) -> None:
    """The card of a broken file says what measuring it against its network gave."""
    from weldspot_desktop.lifecycle import judged_pictures
    from weldspot_desktop.model import ModelFile

    path = with_card(tmp_path / "broken", changed(FLOAT16.read_bytes(), damage), version=4, like=FLOAT16)
    context = Context(workspace)
    pictures = judged_pictures.frozen(context)
    context.close()
    network, broken = (score(ModelFile.open(file), pictures).scored for file in (FLOAT16, path))
    figures = parity.figures(broken, network, read_card(FLOAT16).thresholds)
    card = read_card(path)
    save(path, path.read_bytes(), card.model_copy(update={"metrics": card.metrics | {"parity": figures}}))
    assert weldspot("models", "add", path.parent)[0] == 0
    code, _, err = weldspot("models", "promote", "1")
    assert code == 1
    assert "The file differs from its Keras network: the mean difference of scores" in err
    add_person(workspace, "Ada")
    code, _, err = weldspot("models", "promote", "1", "--override", "an experiment", "--person", "Ada")
    assert code == 0, err
    # A person may use it here, with a reason. Nobody can send it to phones.
    assert weldspot("keys", "create", "--file", tmp_path / "key.pem")[0] == 0
    publish = ("publish", "--to", "local", "--folder", tmp_path / "out", "--key", tmp_path / "key.pem")
    code, _, err = weldspot(*publish, "1", "--person", "Ada")
    assert code == 1
    assert "differs too much from its Keras network" in err
    assert not (tmp_path / "out").exists()


def test_a_bad_model_needs_a_person_and_a_reason(weldspot: Command, tmp_path: Path, workspace: Path) -> None:
    source = tmp_path / "weld_0.tflite"
    source.write_bytes(single_output(np.random.default_rng(3).normal(0, 2, (3, 7)).tolist()))
    code, out, err = weldspot("models", "import", source, "--sha256", "0" * 64)
    assert code == 1
    assert hashlib.sha256(source.read_bytes()).hexdigest() in out
    assert "another hash" in err
    code, out, err = weldspot("models", "import", source, "--scaling", "0..1", "--name", "first")
    assert code == 0, err
    code, out, err = weldspot("models", "gate", "1")
    assert code == 1
    assert "The lower end is not above −0.02." in out
    assert "the training data of first 1 · float32 are not known" in out
    assert "Not checked against Keras" in out
    code, out, err = weldspot("models", "promote", "1", "--override", "we know")
    assert code == 1
    assert "Only a person with a name" in err
    assert listed(weldspot)[0] == ["active"]
    add_person(workspace, "Ada")
    assert weldspot("models", "promote", "1", "--override", "we know", "--person", "Ada")[0] == 0
    code, out, err = weldspot("inspect", STARTER.parents[1] / "samples", "--annotate", tmp_path / "drawn")
    assert code == 0, err
    assert weldspot("inspect", STARTER.parents[1] / "samples", "--record", "--person", "Ada")[0] == 0
    code, out, err = weldspot("publish", "--to", "local", "--folder", tmp_path / "out", "--person", "Ada")
    assert code == 1


def test_evaluating_and_comparing(weldspot: Command, tmp_path: Path) -> None:
    path = with_card(tmp_path / "other", changed(FLOAT16.read_bytes(), zeroed), version=4, like=FLOAT16)
    code, out, err = weldspot("evaluate", path, "--against", "starter", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["files"][0]["bytes"] == path.stat().st_size
    assert found["comparison"]["macro_auc"]["difference"]["high"] < 0
    assert found["comparison"]["verdicts_differ"] > 0
    assert found["on"] == {"pictures": "frozen", "learned_from": 0}
    assert "no pictures" in weldspot("evaluate", "--on", "confirmed")[2]
    assert weldspot("evaluate", "--on", "no-such-version")[0] == 1
    assert weldspot("evaluate", "7")[0] == 1


def test_confirmed_pictures_are_judged_newest_first(weldspot: Command, workspace: Path) -> None:
    from weldspot_desktop.lifecycle import judged_pictures

    context = Context(workspace)
    frozen = judged_pictures.frozen(context)
    with context.database.write() as session:
        for number, file in enumerate(frozen[:6]):
            arrival = Arrival("local:x", f"{number}.jpg", 1, 10, datetime.now(UTC), picture_sha256=file.sha256)
            row = uploads.add(session, arrival)
            row.state = (State.CONFIRMED if number % 2 else State.CORRECTED).value
            row.labels, row.decided = 1 << (number % 3), datetime(2026, 1, 1 + number, tzinfo=UTC)
        waiting = Arrival("local:x", "w.jpg", 1, 10, datetime.now(UTC), picture_sha256=frozen[7].sha256)
        uploads.add(session, waiting)
        again = uploads.add(
            session, Arrival("local:x", "again.jpg", 1, 10, datetime.now(UTC), picture_sha256=frozen[0].sha256)
        )
        again.state, again.labels, again.decided = State.CONFIRMED.value, 1 << 5, datetime(2026, 2, 1, tzinfo=UTC)
    found = judged_pictures.confirmed(context, 4)
    assert [file.sha256 for file in found] == [frozen[0].sha256, *(frozen[n].sha256 for n in (5, 4, 3))]
    assert [file.classes for file in found] == [(5,), (2,), (1,), (0,)]
    with context.database.read() as session:
        assert session.query(Upload).count() == 8
    context.close()


def test_pictures_that_a_model_learned_from_are_left_out(weldspot: Command, workspace: Path, tmp_path: Path) -> None:
    from weldspot_desktop.lifecycle import judged_pictures
    from weldspot_desktop.model.card import CompanionCard

    context = Context(workspace)
    frozen = judged_pictures.frozen(context)
    context.close()
    folder = tmp_path / "learned"
    folder.mkdir()
    np.savez(folder / "features.npz", sha256=np.array([file.sha256 for file in frozen[:5]]))
    content = (folder / "features.npz").read_bytes()
    companion = CompanionCard(file="features.npz", sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
    path = with_card(folder, STARTER.read_bytes(), version=4, companions={"features": companion})
    assert weldspot("models", "add", folder)[0] == 0
    code, out, err = weldspot("models", "gate", "1", "--json")
    assert code == 0, err
    figures = json.loads(out)["checks"][0]["figures"]
    assert (figures["left_out"], figures["pictures"]) == (5, len(frozen) - 5)
    code, out, err = weldspot("evaluate", path, "--against", "starter")
    assert code == 0, err
    assert "learned from 5 of these pictures" in out
    assert "weld-4-int8.tflite" in out
    # The same graph; without statistics of its training it knows no distance, so verdicts may differ, scores not.
    assert "macro                   +0.000 (0.000 to 0.000)" in out
    assert "Verdicts differ on" in out


def test_what_is_missing_is_said(weldspot: Command, tmp_path: Path) -> None:
    for arguments, sentence in (
        (("models", "promote", "9"), "There is no model “9”"),
        (("models", "rollback"), "There is no earlier model"),
        (("models", "add", tmp_path), "There is no model in"),
        (("models", "import", tmp_path / "no.tflite"), "There is no model file"),
        (("publish", "--to", "local", "--key", tmp_path / "no.pem"), "cannot be read"),
        (("publish", "--to", "firebase-ml"), "the name of the bucket is missing"),
    ):
        code, _, err = weldspot(*arguments)
        assert (code, sentence in err) == (1, True), f"{arguments}: {err}"
    assert weldspot("keys", "create", "--file", tmp_path / "key.pem")[0] == 0
    _, _, err = weldspot("publish", "--to", "local", "--key", tmp_path / "key.pem")
    assert "No folder is chosen" in err
    _, _, err = weldspot("publish", "--to", "storage", "--key", tmp_path / "key.pem")
    assert "the name of the bucket is missing" in err
    assert (tmp_path / "key.pem").exists()
