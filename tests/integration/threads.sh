#!/bin/sh
# What runs in several threads, under ThreadSanitizer: the unit tests of those
# files, from build/tsan ('make check' builds them).
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh

# Its shadow memory wants the addresses that come without randomisation.
fixed() { setarch "$(uname -m)" -R "$@"; }

if ! fixed true 2>"$work/err" || ! echo 'int main(void) { return 0; }' | ${CC:-cc} -x c -fsanitize=thread -o "$work/empty" - ||
    ! fixed "$work/empty" 2>>"$work/err"; then
    echo "ok 1 - threads # SKIP ThreadSanitizer does not run here: $(tail -1 "$work/err")"
    echo 1..1
    exit 0
fi

programs=$(find build/tsan/tests/unit -type f -perm -u+x | sort)
test_that "the tests are there" test -n "$programs"
for program in $programs; do
    test_that "${program#build/tsan/tests/unit/}" fixed "$program"
done
tap_end
