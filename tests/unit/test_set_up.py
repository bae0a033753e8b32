"""The set-up script, with a stand-in for the system around it, and the locks that it installs."""

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "packaging" / "locks"

posix = pytest.mark.skipif(os.name == "nt", reason="the script is for POSIX shells; Windows has its own")


class Machine:
    """A checkout with empty locks, and a PATH whose first folder stands for the system's own programs."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "a checkout"
        self.programs = folder / "programs"
        self.programs.mkdir()
        (self.checkout / "packaging" / "locks").mkdir(parents=True)
        shutil.copy(ROOT / "packaging" / "setup.sh", self.checkout / "packaging")
        for kind in ("run", "dev"):
            self.write_lock(kind, "# nothing\n")
        (self.checkout / "weldspot_desktop").mkdir()
        (self.checkout / "weldspot_desktop" / "__init__.py").touch()
        (self.checkout / "weldspot_desktop" / "__main__.py").write_text("import sys; print('started', sys.argv[1:])")
        self.program("python3", f'exec "{sys.executable}" "$@"')
        libraries = re.findall(r"^ +(lib\S+):lib", (ROOT / "packaging" / "setup.sh").read_text(), re.MULTILINE)
        self.has_libraries(*libraries)
        self.is_user(1000)
        self.program("apt-get", 'echo "apt-get $*" >>"$0.log"')

    def program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has_libraries(self, *names: str) -> None:
        self.program("ldconfig", "\n".join(f'echo "{name} (libc6,x86-64) => /lib/{name}"' for name in names) or ":")

    def is_user(self, number: int) -> None:
        self.program("id", f"echo {number}")

    def write_lock(self, kind: str, text: str) -> None:
        (self.checkout / "packaging" / "locks" / f"{kind}.txt").write_text(text)

    def set_up(self, kind: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PATH": f"{self.programs}:/usr/bin:/bin", "PYTHON": "python3"}
        return subprocess.run(
            ["sh", self.checkout / "packaging" / "setup.sh", kind],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def apt_calls(self) -> list[str]:
        log = self.programs / "apt-get.log"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@posix
def test_set_up_is_made_once_and_again_when_something_changed(machine: Machine) -> None:
    venv = machine.checkout / ".venv"
    first = machine.set_up("run")
    assert first.returncode == 0, first.stdout + first.stderr
    launched = subprocess.run(
        [venv / "bin" / "weldspot", "a b", "c"], cwd="/", capture_output=True, text=True, check=True
    )
    assert launched.stdout == "started ['a b', 'c']\n"

    start = time.perf_counter()
    second = machine.set_up("run")
    assert time.perf_counter() - start < 1
    assert (second.returncode, second.stdout) == (0, "")

    machine.write_lock("run", "# something else\n")
    assert "installing the locked packages" in machine.set_up("run").stdout

    foreign = venv / "left-over"
    foreign.touch()
    (venv / "installing").touch()  # what an interrupted installation leaves
    repaired = machine.set_up("run")
    assert "made anew" in repaired.stdout
    assert not foreign.exists()
    assert machine.set_up("run").stdout == ""

    assert machine.set_up("dev").returncode == 0
    assert machine.set_up("dev").stdout == ""
    (venv / "run.stamp").unlink()
    assert machine.set_up("run").stdout == "", "the development environment holds what `run` needs"
    assert machine.apt_calls == []


@posix
def test_a_package_without_its_hash_is_refused(machine: Machine) -> None:
    machine.write_lock("run", "numpy==2.4.6\n")
    done = machine.set_up("run")
    assert done.returncode != 0
    assert not (machine.checkout / ".venv" / "run.stamp").exists()


@posix
def test_a_user_is_told_the_one_line_and_nothing_is_made(machine: Machine) -> None:
    machine.has_libraries("libGL.so.1")
    done = machine.set_up("run")
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("sudo ")]
    assert len(lines) == 1
    assert {"libegl1", "libxcb-cursor0"} <= set(lines[0].split())
    assert not {"libgl1", "python3"} & set(lines[0].split())
    assert not (machine.checkout / ".venv").exists()
    assert machine.apt_calls == []


@posix
def test_root_installs_what_is_missing(machine: Machine) -> None:
    machine.has_libraries()
    machine.is_user(0)
    done = machine.set_up("run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [call.split()[1] for call in machine.apt_calls] == ["update", "install"]
    assert {"libegl1", "libdbus-1-3", "libxcb-shape0"} <= set(machine.apt_calls[1].split())


@posix
def test_a_python_without_venv_is_not_taken(machine: Machine) -> None:
    wrong = f'case "$*" in *ensurepip*) exit 1 ;; *) exec "{sys.executable}" "$@" ;; esac'
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        machine.program(name, wrong)
    done = machine.set_up("run")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].split()[-1] == "python3-venv"


@posix
def test_an_unknown_kind_is_refused(machine: Machine) -> None:
    assert machine.set_up("everything").returncode == 2


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def test_both_locks_pin_the_same_versions_with_hashes_and_name_no_index() -> None:
    run, development = pins(LOCKS / "run.txt"), pins(LOCKS / "dev.txt")
    assert run
    assert run.items() <= development.items()
    for lock in ("run.txt", "dev.txt"):
        text = (LOCKS / lock).read_text(encoding="utf-8")
        assert "://" not in text
        entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
        assert all("--hash=sha256:" in entry for entry in entries)


def test_the_wheel_holds_what_the_program_reads(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, timeout=120, check=True)
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    assert {
        "weldspot_desktop/__main__.py",
        "weldspot_desktop/store/migrations/env.py",
        "weldspot_desktop/store/migrations/versions/0001_first_tables.py",
        "weldspot_desktop/_resources/models/weld-3-int8.tflite",
        "weldspot_desktop/_resources/models/weld-3-embedding-statistics.npz",
    } <= names
    assert any(name.endswith(".dist-info/licenses/NOTICE") for name in names)
