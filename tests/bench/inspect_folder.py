"""`weldspot inspect FOLDER` as a person runs it: pictures a second from the start of the process to its end.

Usage: inspect_folder.py [FOLDER]. Beside it, in the same run, the plain loop (OpenCV decode, linear resize, one
interpreter on one thread, everything loaded already) and the limit: decode and invoke on all cores and nothing else.
"""

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from weldspot_desktop import pictures
from weldspot_desktop.inspection.batch import picture_paths, usable_cores
from weldspot_desktop.model import Session
from weldspot_desktop.registry.active import open_model

ROUNDS = 3


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/datasets/weld-quality-v9/images")
    paths = list(picture_paths(folder))
    rows: dict[str, list[float]] = {"weldspot inspect (whole process)": [], "plain loop": [], "limit": []}
    for _ in range(ROUNDS):
        rows["weldspot inspect (whole process)"].append(command(folder))
        rows["plain loop"].append(plain(paths))
        rows["limit"].append(limit(paths))
    print(f"{len(paths)} pictures, {usable_cores()} cores, best of {ROUNDS} rounds")
    best = {name: len(paths) / min(seconds) for name, seconds in rows.items()}
    for name, rate in best.items():
        print(f"{name:34}{rate:8.1f}/s{rate / best['plain loop']:8.2f} x plain loop{rate / best['limit']:8.2f} x limit")


def command(folder: Path) -> float:
    with tempfile.TemporaryDirectory() as workspace:
        start = time.perf_counter()
        arguments = ["--workspace", workspace, "inspect", str(folder), "--csv", str(Path(workspace) / "out.csv")]
        subprocess.run([sys.executable, "-m", "weldspot_desktop", *arguments], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def plain(paths: list[Path]) -> float:
    session = Session(open_model())
    start = time.perf_counter()
    for path in paths:
        picture = cv2.imread(str(path))
        session.run(cv2.resize(picture[..., ::-1], session.input_size, interpolation=cv2.INTER_LINEAR))
    return time.perf_counter() - start


def limit(paths: list[Path]) -> float:
    model = open_model()
    sessions = [Session(model) for _ in range(usable_cores())]

    def work(number: int) -> None:
        session = sessions[number]
        for path in paths[number :: len(sessions)]:
            decoded = pictures.decode(path.read_bytes(), at_least=session.input_size)
            session.run(np.ascontiguousarray(decoded.pixels))

    start = time.perf_counter()
    with ThreadPoolExecutor(len(sessions)) as pool:
        list(pool.map(work, range(len(sessions))))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
