#!/bin/sh
# Prepares this checkout for `make`:
#   setup.sh run   what the window and the command line need (packaging/locks/run.txt)
#   setup.sh dev   the same with training, tests and tools (packaging/locks/dev.txt)
#   setup.sh package   the same with what PyInstaller needs of the system
#
# First it looks whether the system brings a Python and the libraries of Qt. What is missing is installed when root
# calls it on Debian or Ubuntu; everyone else is told the one line to type, and nothing is made. Then it fills .venv
# with the locked versions. A stamp, written last, makes the next call return at once; an installation that was
# interrupted left a mark and is made anew. PYTHON=/path/to/python3.12 chooses another interpreter.
set -eu

case ${1:-} in
run | dev) kind=$1 ;;
package) kind=dev ;;
*)
    echo "usage: packaging/setup.sh run|dev|package" >&2
    exit 2
    ;;
esac

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
venv=$root/.venv
mark=$venv/installing
PATH=$PATH:/usr/sbin:/sbin # ldconfig lives there, and users' paths often leave it out

# Library that Qt loads, and the Debian package that brings it. The second half is for a window on an X display.
libraries='
    libEGL.so.1:libegl1
    libGL.so.1:libgl1
    libxkbcommon.so.0:libxkbcommon0
    libfontconfig.so.1:libfontconfig1
    libglib-2.0.so.0:libglib2.0-0
    libdbus-1.so.3:libdbus-1-3
    libxcb-cursor.so.0:libxcb-cursor0
    libxkbcommon-x11.so.0:libxkbcommon-x11-0
    libxcb-icccm.so.4:libxcb-icccm4
    libxcb-keysyms.so.1:libxcb-keysyms1
    libxcb-shape.so.0:libxcb-shape0
'
right_version='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'

say() { printf 'weldspot: %s\n' "$*"; }

fail() {
    say "$*" >&2
    exit 1
}

# What a finished installation of kind $1 was made from: lock, this script, interpreter, place.
origin() {
    cat "packaging/locks/$1.txt" packaging/setup.sh
    "$venv/bin/python" -V
    echo "$venv"
}

is_current() { [ -f "$venv/$1.stamp" ] && [ ! -e "$mark" ] && origin "$1" 2>/dev/null | cmp -s - "$venv/$1.stamp"; }

nothing_to_do() { is_current dev || { [ "$kind" = run ] && is_current run; }; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c "import venv, ensurepip; $right_version" >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

missing_python_packages() {
    if find_python >/dev/null; then
        return
    elif ! command -v python3 >/dev/null; then
        echo "python3 python3-venv"
    elif python3 -c "$right_version"; then
        echo "python3-venv"
    fi
}

missing_library_packages() {
    [ "$(uname -s)" = Linux ] || return 0
    found=$(ldconfig -p)
    for entry in $libraries; do
        case $found in
        *"${entry%:*} ("*) ;;
        *) echo "${entry#*:}" ;;
        esac
    done
}

# PyInstaller writes its program with objcopy, and takes along the Python library that Debian's python3 does without.
missing_packaging_packages() {
    command -v objcopy >/dev/null || echo binutils
    "$venv/bin/python" -c 'import os, sysconfig as s
print(s.get_config_var("INSTSONAME"), os.path.join(s.get_config_var("LIBDIR"), s.get_config_var("INSTSONAME")))' |
        while read -r library path; do
            [ -e "$path" ] || ldconfig -p | grep -qF "$library (" || echo "${library%.so*}"
        done
}

# Installs packages as root; tells everyone else how, and ends.
require_packages() {
    [ $# -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        fail "this system lacks what Debian calls: $*. Please install it and try again."
    elif [ "$(id -u)" -ne 0 ]; then
        say "this system lacks a few packages; please run this line and try again:" >&2
        echo "sudo apt-get update && sudo apt-get install --yes --no-install-recommends $*" >&2
        exit 1
    fi
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet
    apt-get install --yes --quiet --no-install-recommends "$@"
}

prepare_system() {
    # shellcheck disable=SC2046 # words are meant to be split: one package each
    require_packages $(missing_python_packages) $(missing_library_packages)
    find_python >/dev/null || fail "Python 3.11, 3.12 or 3.13 with venv and ensurepip is needed; found:" \
        "$(python3 -V 2>&1 || true). Name a suitable one with PYTHON=/path/to/python."
}

usable_venv() {
    [ ! -e "$mark" ] && grep -qF "$venv" "$venv/bin/activate" && "$venv/bin/python" -c "$right_version" &&
        "$venv/bin/python" -m pip --version
}

install() {
    if [ -e "$venv" ] && ! usable_venv >/dev/null 2>&1; then
        say "the environment in .venv is incomplete or from elsewhere; it is made anew"
        rm -rf "$venv"
    fi
    mkdir -p "$venv"
    : >"$mark"
    if [ ! -x "$venv/bin/python" ]; then
        "$(find_python)" -m venv "$venv"
    fi
    say "installing the locked packages of packaging/locks/$kind.txt"
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --only-binary :all: --require-hashes \
        -r "packaging/locks/$kind.txt"
    # The project itself runs from this folder: a path entry and a launcher need no build tools, unlike pip install -e.
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    echo "$root" >"$site/weldspot_desktop.pth"
    printf '#!/bin/sh\nexec "%s/bin/python" -P -m weldspot_desktop "$@"\n' "$venv" >"$venv/bin/weldspot"
    chmod 755 "$venv/bin/weldspot"
    rm "$mark"
    origin "$kind" >"$venv/$kind.stamp"
}

if ! nothing_to_do; then
    prepare_system
    if command -v flock >/dev/null; then
        exec 9<packaging/setup.sh # a second `make` waits for this one
        flock 9
    fi
    nothing_to_do || install
fi
if [ "$1" = package ]; then
    # shellcheck disable=SC2046
    require_packages $(missing_packaging_packages)
fi
