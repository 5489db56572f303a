#!/bin/sh
# Makes the expected files of the stylesheets with xsltproc: NAME.in.xml (and NAME.params) gives NAME.expected.xml,
# or NAME.expected.error, the first line of the message, when the stylesheet refuses the input.
# With --check nothing is written: differences are shown and the exit code is 1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sheets=$here/../../../xslt
check=no
[ "${1:-}" = "--check" ] && check=yes
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
result=0
for input in "$here"/*/*.in.xml; do
    name=${input%.in.xml}
    sheet=$sheets/$(basename "$(dirname "$input")").xsl
    set --
    if [ -f "$name.params" ]; then
        while IFS='=' read -r key value; do
            [ -n "$key" ] && set -- "$@" --stringparam "$key" "$value"
        done < "$name.params"
    fi
    if xsltproc --nonet "$@" "$sheet" "$input" > "$scratch/out" 2> "$scratch/err"; then
        made=$scratch/out; expected=$name.expected.xml; other=$name.expected.error
    else
        head -n 1 "$scratch/err" > "$scratch/first"
        made=$scratch/first; expected=$name.expected.error; other=$name.expected.xml
    fi
    if [ "$check" = yes ]; then
        diff -u "$expected" "$made" || result=1
        if [ -e "$other" ]; then echo "$other: left over" >&2; result=1; fi
    else
        cp "$made" "$expected"
        rm -f "$other"
    fi
done
exit $result
