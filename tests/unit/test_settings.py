"""Settings: every value explained, nothing in the file blocks the start, nothing valid is lost."""

import json
import stat
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from weldspot_desktop import paths, settings
from weldspot_desktop.settings import KeptPictures, Settings, Theme


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def test_without_a_file_there_are_the_defaults(path: Path) -> None:
    loaded = settings.load(path)
    assert loaded.settings == Settings()
    assert loaded.problems == ()
    assert list(path.parent.iterdir()) == []


def test_every_setting_has_a_title_an_explanation_and_a_valid_default() -> None:
    for name, section in Settings.model_fields.items():
        if name == "version":
            continue
        assert section.title
        assert isinstance(section.annotation, type)
        assert issubclass(section.annotation, BaseModel)
        for key, field in section.annotation.model_fields.items():
            assert field.title, f"{name}.{key}"
            assert (field.description or "").endswith("."), f"{name}.{key}"
    assert Settings.model_validate(Settings().model_dump()) == Settings()


def test_what_is_saved_is_read_again(path: Path) -> None:
    changed = Settings()
    changed.appearance.theme = Theme.DARK
    changed.folder.copy_pictures = KeptPictures.ALL
    changed.live.stall_seconds = 3.5
    settings.save(changed, path)
    loaded = settings.load(path)
    assert loaded.settings == changed
    assert loaded.problems == ()


def test_only_what_differs_from_the_default_is_written(path: Path) -> None:
    changed = Settings()
    changed.live.width = 640
    settings.save(changed, path)
    assert json.loads(path.read_text(encoding="utf-8")) == {"version": 1, "live": {"width": 640}}


def test_a_value_out_of_range_cannot_be_set() -> None:
    changed = Settings()
    with pytest.raises(ValidationError):
        changed.appearance.text_percent = 500
    with pytest.raises(ValidationError):
        changed.version = 2


@pytest.mark.parametrize("content", ["{", "", "[1, 2]", "\ufeff{}", '"text"', "null", "[" * 100_000])
def test_a_broken_file_is_kept_aside_and_named(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    loaded = settings.load(path)
    assert loaded.settings == Settings()
    assert "could not be read" in loaded.problems[0]
    kept = path.with_name("settings.faulty.json")
    assert kept.name in loaded.problems[0]
    assert kept.read_text(encoding="utf-8") == content


def test_a_file_that_is_no_text_is_kept_aside(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00\x01")
    assert settings.load(path).settings == Settings()
    assert path.with_name("settings.faulty.json").read_bytes() == b"\xff\xfe\x00\x01"


def test_a_folder_in_place_of_the_file_does_not_block(path: Path) -> None:
    path.mkdir()
    loaded = settings.load(path)
    assert loaded.settings == Settings()
    assert "could not be copied" in loaded.problems[0]


def test_bad_values_are_named_and_the_rest_is_salvaged(path: Path) -> None:
    write(
        path,
        {
            "version": 1,
            "appearance": {"theme": "purple", "text_percent": 120},
            "live": {"width": "wide", "height": 480},
            "inspection": {"threads": 3, "no such key": 1},
            "folder": "all of it",
            "no such section": {"a": 1},
        },
    )
    loaded = settings.load(path)
    found = loaded.settings
    assert (found.appearance.theme, found.appearance.text_percent) == (Theme.SYSTEM, 120)
    assert (found.live.width, found.live.height) == (1280, 480)
    assert found.inspection.threads == 3
    assert found.folder == Settings().folder
    text = "\n".join(loaded.problems)
    for place in ("appearance.theme", "live.width", "inspection.no such key", "folder", "no such section"):
        assert place in text
    assert len(loaded.problems) == 5
    assert path.with_name("settings.faulty.json").exists()


def test_the_file_of_another_version_gives_what_is_known(path: Path) -> None:
    write(path, {"version": 99, "appearance": {"text_percent": 150}, "hologram": {"on": True}})
    loaded = settings.load(path)
    assert loaded.settings.appearance.text_percent == 150
    assert loaded.settings.version == settings.VERSION
    assert "another version" in loaded.problems[0]
    assert path.with_name("settings.faulty.json").exists()


def test_the_environment_is_stronger_than_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, {"version": 1, "live": {"width": 640, "height": 480}})
    monkeypatch.setenv("WELDSPOT_LIVE__WIDTH", "320")
    monkeypatch.setenv("WELDSPOT_FOLDER__COPY_PICTURES", "all")
    loaded = settings.load(path)
    assert (loaded.settings.live.width, loaded.settings.live.height) == (320, 480)
    assert loaded.settings.folder.copy_pictures is KeptPictures.ALL
    assert loaded.problems == ()
    fixed, problems = settings.from_environment()
    assert {section: set(keys) for section, keys in fixed.items()} == {"live": {"width"}, "folder": {"copy_pictures"}}
    assert problems == ()


def test_the_environment_is_not_written_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, {"version": 1, "live": {"width": 640}})
    monkeypatch.setenv("WELDSPOT_LIVE__WIDTH", "320")
    monkeypatch.setenv("WELDSPOT_FOLDER__COPY_PICTURES", "all")
    changed = settings.load(path).settings
    changed.live.height = 480
    settings.save(changed, path)
    assert json.loads(path.read_text(encoding="utf-8")) == {"version": 1, "live": {"width": 640, "height": 480}}
    monkeypatch.delenv("WELDSPOT_LIVE__WIDTH")
    monkeypatch.delenv("WELDSPOT_FOLDER__COPY_PICTURES")
    found = settings.load(path).settings
    assert (found.live.width, found.live.height) == (640, 480)
    assert found.folder.copy_pictures is KeptPictures.DOUBTFUL


@pytest.mark.parametrize(
    ("name", "value"),
    [("WELDSPOT_LIVE__WIDTH", "wide"), ("WELDSPOT_LIVE__NO_SUCH_KEY", "1"), ("WELDSPOT_LIVE", "{broken")],
)
def test_a_bad_environment_does_not_block(path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    write(path, {"version": 1, "appearance": {"text_percent": 120}})
    monkeypatch.setenv(name, value)
    loaded = settings.load(path)
    assert loaded.settings.live == Settings().live
    assert loaded.settings.appearance.text_percent == 120
    assert len(loaded.problems) == 1


def test_the_workspace_variable_is_no_setting(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WELDSPOT_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("WELDSPOT_DATASETS", str(tmp_path))
    assert settings.load(path).problems == ()


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.save(Settings(), path)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(paths.os, "fsync", full)
    changed = Settings()
    changed.live.width = 640
    with pytest.raises(OSError, match="No space"):
        settings.save(changed, path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir() if file.is_file()] == [path.name]


def test_a_place_that_cannot_be_written_raises(tmp_path: Path) -> None:
    """A file in place of the folder stands for a folder without rights, which root would not notice."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OSError, match=r"exists|directory"):
        settings.save(Settings(), tmp_path / "file" / "settings.json")


def test_the_file_is_the_users_alone(path: Path) -> None:
    settings.save(Settings(), path)
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
