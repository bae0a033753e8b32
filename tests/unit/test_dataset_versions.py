"""Versions that grow: the frozen test split, differences, and exports that come back as the same truth."""

import json
import shutil
from pathlib import Path

import dataset_files
import numpy as np
import pytest
import yaml
from PIL import Image

from weldspot_desktop import labels
from weldspot_desktop.context import Context
from weldspot_desktop.dataset import manifest, versions
from weldspot_desktop.dataset.diff import difference
from weldspot_desktop.dataset.export import ExportError, export
from weldspot_desktop.dataset.ingest import import_source
from weldspot_desktop.dataset.manifest import Manifest, PictureEntry
from weldspot_desktop.dataset.split import Split


@pytest.fixture
def context(workspace: Path) -> Context:
    return Context(workspace)


def take(context: Context, asked: object, **options: object) -> Manifest:
    return import_source(context.dataset_room, str(asked), person="tester", **options).version  # type: ignore[arg-type]


def split(context: Context, **options: object) -> Manifest:
    return versions.commit_split(  # type: ignore[call-overload,no-any-return,unused-ignore]
        context.database, context.picture_files, context.workspace, person="tester", **options
    )


def truth(entries: tuple[PictureEntry, ...]) -> dict[str, tuple[object, ...]]:
    """What a version says of each picture, with room for the rounding of a box's middle and size."""
    return {
        entry.sha256: (
            entry.classes,
            sorted((r.class_index, r.kind, np.round(r.corners, 9).tolist()) for r in entry.regions),
        )
        for entry in entries
    }


def test_what_was_test_stays_test_and_late_copies_join_it(context: Context, tmp_path: Path) -> None:
    take(context, "synthetic:24,size=64")
    first = split(context)
    assert first.reference is None
    assert len(first.reference_test()) >= 5
    assert first.newer_test() == []
    # Copies of frozen test pictures, mirrored and brighter, come later under names that say nothing.
    copies = tmp_path / "late" / "Good Welding"
    copies.mkdir(parents=True)
    for number, entry in enumerate(first.reference_test()):
        pixels = np.asarray(Image.open(context.workspace.pictures / entry.file))[:, ::-1]
        brighter = np.clip(pixels * 1.1, 0, 255).astype(np.uint8)
        Image.fromarray(brighter).save(copies / f"{'abcdefghij'[number % 10]}{'xyz'[number // 10]}.png")
    take(context, tmp_path / "late")
    take(context, "synthetic:16,seed=9,size=64")
    second = split(context)
    assert second.reference == first.name
    assert [entry.sha256 for entry in second.reference_test()] == [entry.sha256 for entry in first.reference_test()]
    sides = {entry.sha256: entry for entry in second.pictures}
    for entry in first.pictures:
        assert sides[entry.sha256].split == entry.split
    late = [entry for entry in second.pictures if entry.source == "late"]
    assert len(late) == len(first.reference_test())
    assert all(entry.split is Split.TEST and entry.newer for entry in late)
    drawn = [entry for entry in second.newer_test() if entry.source != "late"]
    assert drawn, "a newer test split stands beside the frozen one"
    assert manifest.load(versions.manifest_path(context.workspace, second.name)) == second
    assert split(context) == second, "splitting again changes nothing"
    listed = versions.listed(context.database)
    assert [row.name for row in listed] == [f"dataset-{number}" for number in (5, 4, 3, 2, 1)]
    assert (listed[0].reference, listed[0].parent) == (first.name, "dataset-4")
    third = split(context, new_reference=True)
    assert third.reference is None
    assert third.newer_test() == []
    assert len(third.reference_test()) > len(first.reference_test())


def test_importing_the_same_after_a_split_makes_no_version(context: Context) -> None:
    take(context, "synthetic:10,size=48")
    made = split(context)
    assert take(context, "synthetic:10,size=48") == made


def test_a_difference_names_what_was_added_removed_relabelled_and_moved(context: Context, tmp_path: Path) -> None:
    take(context, "synthetic:30,size=48")
    first = split(context)
    entries = list(first.pictures)
    crack, porosity = labels.class_index("Crack"), labels.class_index("Porosity")
    removed = entries.pop(0)
    before = entries[0]
    entries[0] = before.model_copy(update={"classes": (crack, porosity), "regions": ()})
    entries[1] = entries[1].model_copy(update={"regions": ()})
    moved = next(i for i, entry in enumerate(entries) if i > 1 and entry.split is Split.TRAIN)
    entries[moved] = entries[moved].model_copy(update={"split": None})
    entries.append(removed.model_copy(update={"sha256": "f" * 64, "classes": (porosity,)}))
    pictures = tuple(entries)
    later = first.model_copy(update={"name": "later", "pictures": pictures})
    found = difference(first, later)
    assert [entry.sha256 for entry in found.removed] == [removed.sha256]
    assert [entry.sha256 for entry in found.added] == ["f" * 64]
    assert [change.after.sha256 for change in found.relabelled] == [before.sha256]
    assert [change.after.sha256 for change in found.redrawn] == (
        [entries[1].sha256] if first.pictures[2].regions else []
    )
    assert found.moves() == {("train", "in no split"): 1}
    counts = found.class_counts()
    assert counts[porosity]["added"] == 1
    assert counts[porosity]["given"] == int(porosity not in before.classes)
    for index in removed.classes:
        assert counts[index]["removed"] == 1
    assert difference(first, first).empty


def test_an_export_comes_back_as_the_same_truth(context: Context, tmp_path: Path) -> None:
    take(context, "synthetic:20,size=48")
    take(context, dataset_files.yolo(tmp_path / "boxes and polygons"))
    other = tmp_path / "table"
    dataset_files.picture(other / "a_jpg.rf.0a.jpg", 77)
    dataset_files.picture(other / "Ünlabelled : name.jpg", 78)
    rows = [["filename", "Crack", "Porosity"], ["a_jpg.rf.0a.jpg", "1", "1"], ["Ünlabelled : name.jpg", "0", "1"]]
    dataset_files.write_csv(other / "_classes.csv", rows)
    take(context, other)
    made = split(context)
    pictures = list(made.pictures)
    index = next(i for i, entry in enumerate(pictures) if entry.split is Split.TRAIN)
    pictures[index] = pictures[index].model_copy(update={"split": None})
    made = made.model_copy(update={"pictures": tuple(pictures)})
    target = export(made, context.workspace.pictures, tmp_path / "exported")
    assert {path.name for path in target.iterdir()} == {"train", "valid", "test", "left_out", "data.yaml"}
    listing = yaml.safe_load((target / "data.yaml").read_text())
    for key, part in (("train", Split.TRAIN), ("val", Split.VALIDATION), ("test", Split.TEST)):
        assert len(list((target / listing[key]).iterdir())) == len(made.of(part))
    again = Context(tmp_path / "again")
    try:
        back = take(again, target)
        assert truth(back.pictures) == truth(made.pictures)
        assert truth(take(again, shutil.make_archive(str(tmp_path / "zip"), "zip", target)).pictures) == truth(
            made.pictures
        )
    finally:
        again.close()


def test_an_export_overwrites_nothing_and_is_whole_or_not_there(context: Context, tmp_path: Path) -> None:
    made = take(context, "synthetic:6,size=48")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(ExportError, match="not empty"):
        export(made, context.workspace.pictures, tmp_path / "full")
    (tmp_path / "empty").mkdir()
    export(made, context.workspace.pictures, tmp_path / "empty")
    assert {path.name for path in (tmp_path / "empty").iterdir()} == {"images", "labels", "data.yaml"}

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        export(made, context.workspace.pictures, tmp_path / "new", stop)
    altered = context.workspace.pictures / made.pictures[0].file
    altered.write_bytes(altered.read_bytes() + b"x")
    with pytest.raises(ExportError, match="altered"):
        export(made, context.workspace.pictures, tmp_path / "new")
    assert sorted(tmp_path.iterdir()) == before


def test_manifests_from_before_the_frozen_split_are_read_with_the_hash_they_had(context: Context) -> None:
    take(context, "synthetic:10,size=48")
    made = split(context)
    path = versions.manifest_path(context.workspace, made.name)
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["reference"]
    for entry in content["pictures"]:
        del entry["newer"], entry["origin"]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert versions.open_version(context.workspace, context.database, made.name) == made
