"""From a source on disk to a dataset version in the workspace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from weldspot_desktop.context import Context
from weldspot_desktop.dataset import manifest, split_report, versions
from weldspot_desktop.dataset.ingest import Imported, import_source
from weldspot_desktop.dataset.manifest import ManifestError
from weldspot_desktop.dataset.split import Split
from weldspot_desktop.dataset.synthetic import write_dataset
from weldspot_desktop.dataset.versions import DatasetError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_dataset(tmp_path / "synthetic", 12, seed=3, size=96)
    return tmp_path / "synthetic"


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    opened = Context(workspace)
    yield opened
    opened.close()


def take(context: Context, source: Path) -> Imported:
    return import_source(context.dataset_room, str(source), person="tester")


def weld_folder(source: Path) -> Path:
    return next(path.parent for path in source.rglob("data.yaml"))


@pytest.mark.usefixtures("each_database")
def test_pictures_are_kept_once_and_importing_twice_changes_nothing(context: Context, source: Path) -> None:
    first = take(context, weld_folder(source))
    version = first.version
    again = take(context, weld_folder(source))
    assert first.added > 0
    assert (again.added, again.known) == (0, first.added)
    assert again.version == version
    assert versions.commit(context.database, context.picture_files, context.workspace, person="tester") == version
    kept = [path for path in context.workspace.pictures.rglob("*") if path.is_file()]
    assert len(kept) == first.added
    assert manifest.load(versions.manifest_path(context.workspace, version.name)) == version


def test_unreadable_pictures_are_listed(context: Context, source: Path) -> None:
    folder = weld_folder(source)
    victim = sorted((folder / "images").iterdir())[0]
    victim.write_bytes(victim.read_bytes()[:200])
    done = take(context, folder)
    assert [problem.place for problem in done.problems] == [victim.name]
    assert done.added == len(list((folder / "images").iterdir())) - 1


def test_an_altered_manifest_is_refused(context: Context, source: Path) -> None:
    version = take(context, weld_folder(source)).version
    path = versions.manifest_path(context.workspace, version.name)
    text = path.read_text(encoding="utf-8")
    altered = text.replace('"source"', '"source" ', 1).replace(version.pictures[0].name, "other.jpg", 1)
    path.write_text(altered, encoding="utf-8")
    with pytest.raises(ManifestError):
        manifest.load(path)
    # Also one that is whole in itself, but not the one that was made.
    pictures = version.pictures[1:]
    other = version.model_copy(update={"pictures": pictures, "hash": manifest.content_hash(None, pictures)})
    other.save(path)
    assert manifest.load(path) == other
    with pytest.raises(DatasetError, match="not the one that was made"):
        versions.open_version(context.workspace, context.database, version.name)


def test_a_split_version_reports_its_counts(context: Context, source: Path) -> None:
    take(context, weld_folder(source))
    made = versions.commit_split(context.database, context.picture_files, context.workspace, person="tester")
    counts = split_report.counts(made)
    assert sum(row.pictures for row in counts) == len(made.pictures)
    assert [row.split for row in counts] == list(Split)
    reference = source / "groups.csv"
    lines = [f"{entry.name},{entry.group}" for entry in made.pictures]
    reference.write_text("image,group\n" + "\n".join(lines), encoding="utf-8")
    agreement = split_report.compare(made, reference)
    assert (agreement.precision, agreement.recall) == (1, 1)


def test_splitting_nothing_is_explained(context: Context) -> None:
    with pytest.raises(DatasetError, match="no labelled pictures"):
        versions.commit_split(context.database, context.picture_files, context.workspace, person="tester")


@pytest.mark.parametrize("name", ["../x", "a/b", "/etc/passwd"])
def test_version_names_never_leave_the_workspace(context: Context, name: str) -> None:
    with pytest.raises(DatasetError):
        versions.manifest_path(context.workspace, name)
