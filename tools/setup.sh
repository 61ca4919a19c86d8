#!/usr/bin/env bash
# Installs what the build and the tests need. Safe to repeat: a machine that has everything is left alone.
# Usage: tools/setup.sh [--tests|--build-only]   (default: build and test dependencies)
# HOLDFAST_SETUP=skip: everything is there, by other means than apt.
set -euo pipefail
[ "${HOLDFAST_SETUP:-}" != skip ] || exit 0

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps="$top/.deps"
boost_minimum=108400

build_packages=(clang-19 lld-19 cmake ninja-build ccache make g++ ca-certificates pkg-config
    libluajit-5.1-dev libssl-dev libcrypt-dev libcctz-dev libyaml-cpp-dev libcli11-dev
    libspdlog-dev libsqlite3-dev libmariadb-dev tzdata)
test_packages=(libgtest-dev libbenchmark-dev libhiredis-dev libclang-rt-19-dev clang-format-19
    redis-server redis-tools nginx caddy wrk mariadb-server curl openssl python3 git)

fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

boost_version_in() {   # the number in a Boost include folder, 0 when there is none
    sed -n 's/^#define BOOST_VERSION \([0-9]*\).*/\1/p' "$1/boost/version.hpp" 2>/dev/null | grep . || echo 0
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else fail "installing packages needs root and there is no sudo; run as root: $*"; fi
}

# A server package would start its daemon; the tests start their own on free ports.
install_missing() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} = 0 ] && return 0
    printf 'setup: installing %s\n' "${missing[*]}"
    as_root apt-get update -qq
    local policy=/usr/sbin/policy-rc.d placed=no
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"; placed=yes
    fi
    local status=0
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >/dev/null || status=$?
    [ "$placed" = yes ] && as_root rm -f "$policy"
    [ "$status" = 0 ] || fail "apt-get could not install: ${missing[*]}"
}

# Debian 12 has no Boost with Boost.Redis. The header package alone comes, signed, from the next
# release on the mirror this machine already uses; nothing outside .deps/ is touched.
fetch_boost_headers() {
    local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg apt="$deps/apt"
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | head -n 1)
    [ -n "$mirror" ] || fail "no Debian mirror is configured, so Boost >= 1.84 cannot be fetched;" \
        "install Boost 1.84 or newer headers yourself and run again"
    [ -e "$keyring" ] || fail "$keyring is missing; install debian-archive-keyring"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$deps/boost"
    printf 'deb [signed-by=%s] %s trixie main\n' "$keyring" "$mirror" > "$apt/sources.list"
    local options=(-qq -o "Dir::Etc::sourcelist=$apt/sources.list" -o "Dir::Etc::sourceparts=-"
        -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=root"
        -o "Acquire::Languages=none")
    printf 'setup: fetching the Boost 1.88 headers into .deps\n'
    apt-get "${options[@]}" update
    (cd "$deps" && apt-get "${options[@]}" download libboost1.88-dev >/dev/null)
    dpkg -x "$deps"/libboost1.88-dev_*.deb "$deps/boost"
    rm -rf "$deps"/libboost1.88-dev_*.deb "$apt"
    [ "$(boost_version_in "$deps/boost/usr/include")" -ge "$boost_minimum" ] ||
        fail "the Boost headers did not unpack; remove .deps and run again"
}

need_boost() {
    local folder
    for folder in /usr/include /usr/local/include "$deps/boost/usr/include"; do
        [ "$(boost_version_in "$folder")" -ge "$boost_minimum" ] && return 0
    done
    if apt-cache show libboost1.88-dev >/dev/null 2>&1; then install_missing libboost1.88-dev
    else fetch_boost_headers; fi
}

command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    fail "this system has no apt, so nothing was installed; get the dependencies named in vcpkg.json (vcpkg install" \
        "does), clang 19 or g++ 12 and newer, CMake 3.25, ninja, redis-server, nginx and caddy, then run:" \
        "HOLDFAST_SETUP=skip make build PRESET=gcc"
[ "$(. /etc/os-release; echo "${ID:-}")" = debian ] ||
    printf 'setup: this is not Debian; trying the same package names\n' >&2

wanted=("${build_packages[@]}")
[ "${1:-}" = --build-only ] || wanted+=("${test_packages[@]}")
install_missing "${wanted[@]}"
need_boost
