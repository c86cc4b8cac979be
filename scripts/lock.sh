#!/bin/sh
# Compile requirements/*.txt: pinned, with hashes, naming no index.
set -eu
cd "$(dirname "$0")/.."

compile() {
    name=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
        --generate-hashes --no-emit-index-url --no-annotate --no-header \
        "$@" -o "requirements/$name.txt"
}

# The largest set decides the versions; the others agree with it.
compile dev pyproject.toml --group pyproject.toml:dev
compile base pyproject.toml -c requirements/dev.txt
compile bench pyproject.toml --group pyproject.toml:bench -c requirements/dev.txt
for name in build uv node pgserver; do
    compile $name --group "pyproject.toml:$name" -c requirements/dev.txt
done
