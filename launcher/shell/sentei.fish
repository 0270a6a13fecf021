# sentei.fish: completes verbs, options, study files and runs in fish.
# SPDX-License-Identifier: Apache-2.0
function __sentei_verb
    set -l words (commandline -opc)
    set -q words[2]; and echo $words[2]
end
complete -c sentei -n 'test -z (__sentei_verb)' -f -a "(sentei --help | string replace -rf '^  ([a-z]+) +(.*)' '\$1\t\$2')"
complete -c sentei -n 'string match -q -- "-*" (commandline -ct)' -f -a "(sentei (__sentei_verb) --help 2>/dev/null | string match -ra -- '--[a-z][a-z-]*')"
complete -c sentei -n 'test -d runs; and not contains -- (__sentei_verb) run submit check' -f -a '(ls runs)'
