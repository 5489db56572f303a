#!/bin/sh
# Compiles the Java worker into classes/, which the program carries: a machine that runs Cartouche need not have a compiler.
#
#     src/xslt/saxon/build.sh [DIR]
#
# Needs a JDK and Debian's libsaxonhe-java. The classes run on Java 11 and newer. A test compares classes/ with what this
# makes, where javac is the version that made them (classes/javac).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=${1:-$here/classes}
mkdir -p "$to"
rm -rf "$to/cartouche"
javac --release 11 -Xlint:all,-path -g:source,lines -cp /usr/share/java/Saxon-HE.jar -d "$to" "$here"/java/cartouche/*.java
javac -version >"$to/javac" 2>&1
