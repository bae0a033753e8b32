"""The rules of the house: who may import whom, and what a process must not load."""

import ast
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "weldspot_desktop"
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
PINNED_COMPANIONS = {"pyside6-essentials": "shiboken6", "tensorflow": "keras"}
"""Packages whose version a declared one dictates."""


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


def python(code: str) -> str:
    """What a fresh interpreter prints for that code; Qt draws nowhere."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may spoil."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_import_contracts_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("store/picture_files.py", "import weldspot_desktop.context", "A room imports only from lower lines"),
        ("metrics/auc.py", "import weldspot_desktop.verdict", "A room imports only from lower lines"),
        ("unplaced.py", "", "A room imports only from lower lines"),
        ("ui/theme.py", "import weldspot_desktop.training", "The window never imports training"),
        ("labels.py", "import PySide6.QtCore", "Qt only in ui"),
        ("inspection/batch.py", "import pyqtgraph", "Qt only in ui"),
        ("context.py", "import keras", "TensorFlow only in training"),
        ("registry/active.py", "import ai_edge_litert.interpreter", "LiteRT only in model"),
        ("settings/section.py", "import google.auth", "Firebase and Google only in cloud.firebase"),
        ("context.py", "import prefect", "Prefect only in flows"),
    ],
)
def test_a_breach_is_found(copy: Path, module: str, line: str, contract: str) -> None:
    with (copy / PACKAGE.name / module).open("a", encoding="utf-8") as file:
        file.write(f"\n\ndef late():\n    {line or 'pass'}\n")
    done = lint_imports(copy)
    assert done.returncode == 1
    assert re.search(rf"^{contract} BROKEN", done.stdout, re.MULTILINE), done.stdout


def imported_packages(path: Path) -> set[str]:
    """Top-level names of everything that a module imports at any place, except for type checking alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {PACKAGE.name}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("room", ["training", "the rest"])
def test_what_is_imported_is_declared(room: str) -> None:
    """A package that only another package or the tests bring along would be missing on a user's machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = list(project["dependencies"])
    if room == "training":
        requirements += project["optional-dependencies"]["train"]
    declared = {normal(re.split(r"[<>=!~;\[ ]", requirement)[0]) for requirement in requirements}
    declared |= {companion for owner, companion in PINNED_COMPANIONS.items() if owner in declared}
    distributions = importlib.metadata.packages_distributions()
    for path in sorted(PACKAGE.rglob("*.py")):
        if (path.relative_to(PACKAGE).parts[0] == "training") != (room == "training"):
            continue
        for name in imported_packages(path):
            owners = {normal(owner) for owner in distributions.get(name, [])}
            assert owners & declared, f"{path.relative_to(ROOT)} imports {name}, which is not a declared dependency"


def test_the_command_line_loads_no_window() -> None:
    loaded = python("import sys, weldspot_desktop.cli, weldspot_desktop.cli.app; print(*sys.modules)").split()
    assert "weldspot_desktop.cli.app" in loaded
    assert not {"PySide6", "pyqtgraph", "qtawesome", "tensorflow", "keras"} & set(loaded)


def test_an_inspection_loads_no_tensorflow() -> None:
    """LiteRT's package reaches for TensorFlow where it finds it."""
    loaded = python(
        "import sys\n"
        "import cv2, numpy\n"
        "from weldspot_desktop.context import Context\n"
        "picture = cv2.imencode('.png', numpy.full((64, 64, 3), 127, numpy.uint8))[1].tobytes()\n"
        "inspected = Context().inspector().content(picture, origin='grey.png')\n"
        "assert inspected.error is None and inspected.prediction.scores.shape == (7,)\n"
        "print(*sys.modules)"
    ).split()
    assert "ai_edge_litert" in loaded
    assert not {"tensorflow", "keras", "PySide6"} & set(loaded)


def test_publishing_loads_no_tensorflow(tmp_path: Path) -> None:
    """`firebase_admin.ml` would, and so would a converter: nothing here needs them."""
    loaded = python(
        "import sys\n"
        "from pathlib import Path\n"
        "from weldspot_desktop.cloud.firebase import ml_publisher, storage_publisher\n"
        "from weldspot_desktop.cloud.signing_keys import Signer\n"
        "from weldspot_desktop.context import Context\n"
        "from weldspot_desktop.lifecycle import deciding, publishing\n"
        "from weldspot_desktop.settings import Destination\n"
        f"opened = Context(Path({str(tmp_path / 'workspace')!r}))\n"
        f"folder = Path({str(tmp_path / 'out')!r})\n"
        "place = publishing.publisher(opened, Destination.LOCAL, Signer.generated(), folder=folder)\n"
        "done = publishing.publish(opened, deciding.find(opened, 'starter'), place, person=None)\n"
        "assert done.version == 1 and (folder / done.path).is_file()\n"
        "opened.close()\n"
        "print(*sys.modules)"
    ).split()
    assert "google.cloud.storage" in loaded
    assert not {"tensorflow", "keras", "firebase_admin.ml", "PySide6"} & set(loaded)


@pytest.mark.parametrize("first", ["cv2", "PySide6"])
def test_opencv_and_qt_work_together(first: str) -> None:
    """OpenCV's wheel sets Qt's plugin path; with older pairs of versions no window opened then."""
    imports = ["import cv2", "from PySide6.QtWidgets import QApplication, QLabel"]
    order = imports if first == "cv2" else imports[::-1]
    shown = python(
        "import os\n"
        "os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n" + "\n".join(order) + "\n"
        "import numpy\n"
        "application = QApplication([])\n"
        "label = QLabel('weld')\n"
        "label.show()\n"
        "application.processEvents()\n"
        "png = cv2.imencode('.png', numpy.zeros((8, 8, 3), numpy.uint8))[1]\n"
        "print(application.platformName(), label.isVisible(), cv2.imdecode(png, cv2.IMREAD_COLOR).shape)"
    )
    assert shown == "offscreen True (8, 8, 3)"
