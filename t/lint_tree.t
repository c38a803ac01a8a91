#!/usr/bin/env python3
"""What git has and what a tarball has are the same, but for what only a checkout needs; nothing generated is in git."""

import os
import subprocess

from harness import *

ONLY_IN_GIT = (".ci/", ".git")


def git(*arguments):
    return subprocess.run(("git", "-C", SOURCE) + arguments, check=True, capture_output=True, text=True).stdout


def main():
    try:
        top = git("rev-parse", "--show-toplevel").strip()
    except (OSError, subprocess.CalledProcessError):
        skip_all("the sources are not a git checkout")
    if not os.path.samefile(top, SOURCE):
        skip_all("the sources are not a git checkout")

    is_(git("ls-files", "--cached", "--ignored", "--exclude-standard").splitlines(), [], "nothing generated is in git")

    # Some are named from the source folder and some from the build tree; a folder stands for all that is in it.
    distributed = set()
    for path in os.environ["DISTFILES"].split():
        absolute = os.path.join(BUILD, path)
        path = os.path.relpath(absolute, SOURCE) if os.path.exists(absolute) else path
        distributed.add(path)
        for folder, _, names in os.walk(os.path.join(SOURCE, path)):
            distributed.update(os.path.relpath(os.path.join(folder, name), SOURCE) for name in names)
    tracked = {path for path in git("ls-files").splitlines() if not path.startswith(ONLY_IN_GIT)}
    tracked = {path for path in tracked if os.path.exists(os.path.join(SOURCE, path))}
    is_(sorted(tracked - distributed), [], "what git has is in the tarball")


run(main)
