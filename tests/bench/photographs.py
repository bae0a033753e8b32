"""The photographs imported, grouped and split as the program does it, in a workspace of their own."""

import os
import subprocess
import sys
from pathlib import Path

from weldspot_desktop.dataset import manifest
from weldspot_desktop.dataset.manifest import Manifest

DATASETS = Path(os.environ.get("WELDSPOT_DATASETS", Path(__file__).parents[3] / "shared" / "datasets"))


def split_version(datasets: Path, workspace: Path) -> Manifest:
    """Import welds and backgrounds into `workspace`, split them, and give the version with the split."""
    for step in (("import", str(datasets / "weld-quality-v9")), ("import", str(datasets / "background")), ("split",)):
        command = [sys.executable, "-m", "weldspot_desktop", "--workspace", str(workspace), "dataset", *step]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    newest = max((workspace / "datasets").glob("dataset-*.json"), key=lambda path: int(path.stem.split("-")[1]))
    return manifest.load(newest)
