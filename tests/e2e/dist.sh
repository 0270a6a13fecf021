#!/bin/sh
# A release: the same commit gives the same bytes, of the sources and of the programs
# in whatever folder they are built; the sources build without a network or git,
# what they are linked with is written down. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

git rev-parse HEAD >/dev/null 2>&1 || { echo '1..0 # SKIP this is no checkout'; exit 0; }
version=$("$build/sentei" --version | sed -n '1s/^sentei \([0-9.]*\) .*/\1/p')
commit=$(git rev-parse --short=12 HEAD)

make_release() {
    make -s OUT="$build" CC="${CC:-cc}" DIST="$1/sentei-$version" dist
}
# Without a network where this user may leave it; 'make' must need none.
offline() {
    if unshare -rn true 2>/dev/null; then unshare -rn "$@"; else "$@"; fi
}
build_release() {
    offline env -C "$work/sentei-$version" GIT_DIR=/nonexistent make -s -j2 OUT=build CC="${CC:-cc}"
}
# Another folder, another time, no git: a commit as it is gives the same programs.
same_programs() {
    for program in sentei sentei-train sentei-data; do
        cmp "$build/$program" "$work/sentei-$version/build/$program" || return 1
    done
}
says_commit() {
    "$1" --version | head -1 | grep -q "(commit $commit)"
}
names_libraries() {
    for library in sqlite libmicrohttpd libcurl jansson libyaml cairo; do
        "$build/sentei" --version | grep -Eq "^  $library +[0-9]+\.[0-9]" || return 1
    done
    "$build/sentei-train" --version | grep -Eq '^  oneDNN +[0-9]' && "$build/sentei-data" --version | grep -Eq '^  libpng +[0-9]'
}
# Each library that a program asks for or opens, and what is a part of one, is from a package with a version.
lists_libraries() {
    python3 - "$work/a/sentei-$version.spdx.json" <<'PY'
import json, sys
sbom = json.load(open(sys.argv[1]))
version = {p['SPDXID']: p['versionInfo'] for p in sbom['packages']}
wanted = {'DYNAMIC_LINK': ('libsqlite3', 'libmicrohttpd', 'libcurl', 'libjansson', 'libyaml', 'libcairo', 'libdnnl', 'libprotobuf-c'),
          'CONTAINS': ('libjs-chart', 'libonnx'), 'DEPENDS_ON': ('libmunge',)}
related = [(r['relationshipType'], r['relatedSpdxElement']) for r in sbom['relationships']]
missing = [w for kind in wanted for w in wanted[kind]
           if not any(k == kind and w in name and version[name][0].isdigit() for k, name in related)]
print(sorted(related), 'missing:', missing)
sys.exit(bool(missing))
PY
}

test_that '--version names the libraries' names_libraries
test_that 'make dist' make_release "$work/a"
test_that 'make dist, again' make_release "$work/b"
test_that 'the same bytes' cmp "$work/a/sentei-$version.tar.gz" "$work/b/sentei-$version.tar.gz"
test_that 'the same bill of materials' cmp "$work/a/sentei-$version.spdx.json" "$work/b/sentei-$version.spdx.json"
test_that 'which lists each library' lists_libraries
test_that 'the release unpacks' tar xzf "$work/a/sentei-$version.tar.gz" -C "$work"
test_that 'it builds without a network and without git' build_release
test_that 'and knows its commit' says_commit "$work/sentei-$version/build/sentei"
case $("$build/sentei" --version | head -1) in
*-dirty*) ;; # no release is made of that
*) test_that 'its programs are those of this folder, byte for byte' same_programs ;;
esac
tap_end
