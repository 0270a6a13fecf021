# sentei.bash: completes verbs, options, study files and runs in bash.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
_sentei() {
    local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} words=
    if [ "$COMP_CWORD" -eq 1 ]; then
        words=$(sentei --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
    elif [ "${word#-}" != "$word" ]; then
        words=$(sentei "$verb" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u)
    elif [ -d runs ] && [ "$verb" != run ] && [ "$verb" != submit ] && [ "$verb" != check ]; then
        words=$(ls runs)
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    [ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
complete -o filenames -F _sentei sentei
