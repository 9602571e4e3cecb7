# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts beside it: words to the person, Debian packages, what failed in a log of tests.

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# missing PACKAGE...: prints those that are not installed.
missing() {
    for package in "$@"; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
        [ "$status" = installed ] || printf '%s ' "$package"
    done
}

# install_missing PACKAGE...: installs from the machine's own Debian or Ubuntu mirrors what is not there yet.
install_missing() {
    command -v dpkg-query >/dev/null || fail "this needs Debian 12 or Ubuntu 24.04; elsewhere, install by hand: $*"
    absent=$(missing "$@")
    [ -n "$absent" ] || return 0
    [ "$(id -u)" = 0 ] || fail "packages are missing and only root can install them; run: sudo apt-get install $absent"
    say "installing: $absent"
    export DEBIAN_FRONTEND=noninteractive
    apt='apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3'
    log=$(mktemp)
    # $apt and $absent are lists of words.
    if ! { $apt update && $apt install -y --no-install-recommends $absent; } >"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" >&2
        rm -f "$log"
        fail "apt-get could not install: $absent"
    fi
    rm -f "$log"
}

# show_failures LOG: what failed in the log of a test run, or its end.
show_failures() {
    failed=$(grep -A12 -E '^✘ Test .*recorded an issue' "$1" | grep -vE '^[◇✔]' | head -n 60)
    say "what failed (the whole log: $1):"
    say "${failed:-$(tail -n 30 "$1")}"
}
