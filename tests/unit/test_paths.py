"""Where things lie."""

import sys
from pathlib import Path

import platformdirs
import pytest

from weldspot_desktop import paths


def test_resources_are_found_in_a_checkout() -> None:
    assert paths.resource("models").is_dir()
    assert paths.resource_root().name in {"resources", "_resources"}


def test_a_missing_resource_says_to_install_again() -> None:
    with pytest.raises(paths.ResourceMissingError, match=r"models/none\.tflite .* install"):
        paths.resource("models", "none.tflite")


def test_a_frozen_program_looks_beside_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    with pytest.raises(paths.ResourceMissingError, match="install"):
        paths.resource_root()
    (tmp_path / "resources").mkdir()
    assert paths.resource_root() == tmp_path / "resources"


def test_the_environment_names_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.WORKSPACE_VARIABLE, str(tmp_path / "här"))
    assert paths.default_workspace() == tmp_path / "här"
    monkeypatch.setenv(paths.WORKSPACE_VARIABLE, "~/welds")
    assert paths.default_workspace() == Path.home() / "welds"
    for unset in (None, ""):
        if unset is None:
            monkeypatch.delenv(paths.WORKSPACE_VARIABLE)
        else:
            monkeypatch.setenv(paths.WORKSPACE_VARIABLE, unset)
        assert paths.default_workspace() == Path(platformdirs.user_data_dir("WeldSpot", appauthor=False))


def test_a_workspace_is_made_when_asked_and_not_before(tmp_path: Path) -> None:
    workspace = paths.Workspace(tmp_path / "a" / "b")
    assert not workspace.root.exists()
    workspace.create()
    workspace.create()
    for folder in ("pictures", "thumbnails", "datasets", "models", "jobs", "logs", "caches"):
        place = getattr(workspace, folder)
        assert place.is_dir()
        assert place.is_relative_to(workspace.root)
    assert workspace.database.parent == workspace.settings.parent == workspace.root
    assert not workspace.database.exists()


def test_a_workspace_in_an_impossible_place_raises(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"directory|exists"):
        paths.Workspace(tmp_path / "file" / "workspace").create()
