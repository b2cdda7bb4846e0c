"""What the machine is, for the reader of a table."""

import os
import platform
import re

from contestants import output_of


def machine():
    def first(path, pattern):
        found = re.search(pattern, open(path).read(), re.MULTILINE)
        return found.group(1).strip() if found else "?"

    def version(words, pattern=r"([0-9][0-9.]+)"):
        try:
            found = re.search(pattern, output_of(words))
        except OSError:
            found = None
        return found.group(1) if found else "?"

    memory = int(first("/proc/meminfo", r"^MemTotal:\s+(\d+)")) / 2**20
    load = os.getloadavg()[0]
    system = first("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)')
    processor = first("/proc/cpuinfo", r"^model name\s*:(.*)$")
    libgcrypt = version(["gpg", "--version"], r"libgcrypt ([0-9.]+)")
    state = "" if load < 0.5 else f" It was busy with other work (load {load:.1f} before the first round)."
    return [
        f"{os.cpu_count()} × {processor}, {memory:.0f} GiB, {system}, Linux {platform.release()};",
        f"git {version(['git', '--version'])}, GnuPG {version(['gpg', '--version'])}, "
        f"libgcrypt {libgcrypt}, "
        f"libgit2 {version(['pkg-config', '--modversion', 'libgit2'])}, "
        f"libsodium {version(['pkg-config', '--modversion', 'libsodium'])}, "
        f"OpenSSL {version(['pkg-config', '--modversion', 'libcrypto'])}.{state}", ""]
