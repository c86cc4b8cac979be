#!/bin/sh
# Bring .venv to the pinned versions of one set: install.sh base|dev|bench
set -eu
cd "$(dirname "$0")/.."
set_name=$1
venv=.venv
python=$venv/bin/python

fail() {
    echo "install: $*" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in python3.11 python3 python3.12 python3.13 python3.14; do
        if command -v "$name" >/dev/null 2>&1 && new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed; found $(python3 --version 2>&1 || echo none)"
}

make_venv() {
    base=$(find_python)
    "$base" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$base has no venv: install Debian's 'python3-venv' (or your system's equivalent)"
    echo "install: making $venv with $("$base" --version)"
    "$base" -m venv --clear "$venv"
}

pip() {
    "$python" -m pip install --quiet --disable-pip-version-check "$@"
}

new_enough "$python" || make_venv

# uv is fifteen times faster; pip does the same where uv has no wheel.
if "$venv/bin/uv" --version >/dev/null 2>&1 ||
    pip --only-binary :all: --require-hashes -r requirements/uv.txt 2>/dev/null; then
    # Certificates of the machine, as pip takes them; what uv cannot fetch, pip tries.
    install() {
        VIRTUAL_ENV=$PWD/$venv UV_SYSTEM_CERTS=true "$venv/bin/uv" pip install --quiet "$@" ||
            { echo "install: uv could not, going on with pip"; pip "$@"; }
    }
else
    echo "install: uv is not to be had here, going on with pip"
    install() { pip "$@"; }
fi

echo "install: $set_name"
install --require-hashes -r requirements/build.txt
install --require-hashes -r "requirements/$set_name.txt"
install --no-deps --no-build-isolation -e .

touch "$venv/.installed-base" "$venv/.installed-$set_name"
