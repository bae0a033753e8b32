#!/bin/sh
# Makes the two locks again: universal (Linux and Windows, Python 3.11 to 3.13), with hashes, without index addresses.
# run.txt is what `make run` installs; dev.txt adds training and tests and pins the same versions.
set -eu
cd "$(dirname "$0")/.."
compile() {
    uv pip compile pyproject.toml "$@" --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet
}
compile --extra train --extra dev -o packaging/locks/dev.txt
compile -c packaging/locks/dev.txt -o packaging/locks/run.txt
