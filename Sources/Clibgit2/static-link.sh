#!/bin/sh
# static-link.sh FOLDER: makes the next build take libgit2 into the executable.
#
# As a shared library libgit2 brings along TLS, SSH and Kerberos, whose loading takes longer than judging a push.
# This collects libgit2's static archive and what it needs for repositories in FOLDER. Everything that it wants from
# TLS, SSH and Kerberos is defined as a function that fails; what must not fail at start is in CGitOffline.
#
# Prints FOLDER, for PKG_CONFIG_PATH, when a program linked that way starts. Otherwise (no archive, built with other
# libraries) it prints nothing, and the build takes the shared library as before:
#
#     PKG_CONFIG_PATH=$(sh Sources/Clibgit2/static-link.sh .build/libgit2) swift build -c release --static-swift-stdlib
set -eu
folder=$1
sources=$(cd "$(dirname "$0")/.." && pwd)
rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

give_up() {
  echo "static-link.sh: $1; taking the shared libgit2" >&2
  rm -rf "$folder"
  exit 0
}

libraries=$(pkg-config --variable=libdir libgit2 2> /dev/null) || give_up "pkg-config does not know libgit2"
[ -e "$libraries/libgit2.a" ] || give_up "there is no $libraries/libgit2.a"
needed=
for name in git2 http_parser pcre2-8 pcre z; do
  [ -e "$libraries/lib$name.a" ] || continue
  ln -s "$libraries/lib$name.a" "$folder/"
  needed="$needed -l$name"
done

cd "$folder"
cat > probe.c << 'END'
#include <git2.h>
int main(void) { return git_libgit2_init() == 1 ? 0 : 1; }
END
compiler=${CC:-$(command -v cc || command -v clang)} || give_up "there is no C compiler"
link() {
  # shellcheck disable=SC2046,SC2086
  "$compiler" -o probe probe.c "$sources/CGitOffline/offline.c" "-I$sources/CGitOffline/include" \
    $(pkg-config --cflags libgit2) "-L$folder" "$@" $needed -lpthread -lm > link.log 2>&1
}
link || {
  # What the linker misses is TLS, SSH and Kerberos. Libgit2 calls some of it when it starts, and heeds no result.
  sed -n "s/.*undefined reference to [\`']\\([A-Za-z_0-9]*\\)'.*/\\1/p; s/.*undefined symbol: \\([A-Za-z_0-9]*\\).*/\\1/p" \
    link.log | sort -u > missing
  [ -s missing ] || give_up "libgit2.a cannot be linked"
  if grep -vE '^(mbedtls_|libssh2_|gss_|GSS_|ntlm_|http_parser_)' missing > unknown; then
    give_up "libgit2.a needs $(head -n 1 unknown)"
  fi
  sed 's/.*/long &(void) { return -1; }/' missing > stand-ins.c
  "$compiler" -c stand-ins.c > link.log 2>&1 || give_up "the stand-ins cannot be compiled"
  ar rcs libgit2-stand-ins.a stand-ins.o
  needed="-lgit2 -lgit2-stand-ins ${needed# -lgit2}"
  link || give_up "libgit2.a cannot be linked"
}
./probe || give_up "a program with libgit2.a does not start"
cat > libgit2.pc << END
Name: libgit2
Description: the git library, without network
Version: $(pkg-config --modversion libgit2)
Cflags: $(pkg-config --cflags libgit2)
Libs: -L$folder $needed
END
echo "$folder"
