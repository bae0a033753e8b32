"""What the program does without a display: the window's first job, on the bundled samples."""

import json
from collections.abc import Iterator
from datetime import datetime

from weldspot_desktop import paths
from weldspot_desktop.cli.annotation import annotated
from weldspot_desktop.cli.inspect import as_json, table_row
from weldspot_desktop.cli.state import State
from weldspot_desktop.inspection.batch import inspect_files, picture_paths
from weldspot_desktop.inspection.inspector import Inspected


def inspect_samples(state: State) -> int:
    """Inspect the bundled samples: a table on the screen, annotated pictures and a JSON report in the workspace."""
    print("There is no display (DISPLAY and WAYLAND_DISPLAY are not set), so no window can be opened.")
    print("The bundled samples are inspected instead; they are drawn by a program, not photographed.\n")
    context = state.open()
    try:
        folder = context.workspace.root / "reports" / f"samples-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
        inspector = context.inspector()
        found = inspect_files(inspector, picture_paths(paths.resource("samples")))
        rows = list(_printed(annotated(found, folder, inspector, context.settings.inspection.heat_map_opacity / 100)))
    finally:
        context.close()
    report = {
        "model": {"name": inspector.model.title, "sha256": inspector.model.card.sha256},
        "thresholds": inspector.thresholds.model_dump(mode="json"),
        "pictures": [as_json(row) for row in rows],
    }
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"\nAnnotated pictures and report.json are in {folder}")
    return 0


def _printed(rows: Iterator[Inspected]) -> Iterator[Inspected]:
    for row in rows:
        print(table_row(row))
        yield row
