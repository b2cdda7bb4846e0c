"""One command that is timed, round by round."""

import os
import statistics
import subprocess
import sys
import time


def output_of(command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


class Contestant:
    """A command that does `commits` commits' work each time it runs."""

    def __init__(self, name, command, commits, folder=None, before=None):
        self.name, self.command, self.commits = name, command, commits
        self.folder, self.before = folder, before
        self.walls, self.processors, self.memories = [], [], []

    def run(self):
        if self.before:
            self.before()
        start = time.monotonic()
        process = subprocess.Popen(
            self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        errors = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"error: {self.name} ended with status {process.returncode}:\n{errors.decode(errors='replace')}")
        self.walls.append(time.monotonic() - start)
        self.processors.append(used.ru_utime + used.ru_stime)
        self.memories.append(used.ru_maxrss)

    # Medians: seconds, seconds of processor time, KiB.

    @property
    def wall(self):
        return statistics.median(self.walls)

    @property
    def processor(self):
        return statistics.median(self.processors)

    @property
    def memory(self):
        return statistics.median(self.memories)

    @property
    def rate(self):
        return self.commits / self.wall

    def ratio(self, other):
        """How many times this one is as fast as the other: the median of the rounds, each compared in itself."""
        return statistics.median(
            (self.commits / a) / (other.commits / b) for a, b in zip(self.walls, other.walls))
