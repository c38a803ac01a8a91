"""What the tests of files share: receivers, senders, and files that are worth sending."""

import hashlib
import json
import os

from harness import *

# A relay that is as fast as it can be.
UNLIMITED = LIFTED + ("--rate=0", "--message-rate=0")

_folders = 0


def new_folder():
    """An empty folder for files that come."""
    global _folders
    _folders += 1
    return folder("downloads-%d" % _folders)


def receiver(server, name, into, *options, **keywords):
    """A client that is connected and puts files INTO a folder, or takes none if that is None."""
    if into:
        options = ("--download-dir", into) + options
    client = Client(server, name, "--receive", "--debug", *options, **keywords)
    client.err.expect(r"connecting -> running")
    return client


def send(server, path, to, *options, status=0, name="", error=None, sender="Adam", **keywords):
    """Sends a file to its end, and tests with which status."""
    client = Client(server, sender, "--send", path, "--to", to, *options, **keywords)
    is_(client.wait(), status, name)
    if error:
        like(client.err.text(), error, "which is said")
    return client


def content_of(path):
    with open(path, "rb") as file:
        return file.read()


def large_file(name, size):
    """A file of SIZE bytes of which no two mebibytes are alike."""
    path = os.path.join(folder(), name)
    block = os.urandom(1024 * 1024)
    with open(path, "wb") as file:
        for at in range(0, size, len(block)):
            file.write((at.to_bytes(8, "big") + block)[:min(len(block), size - at)])
    return path


def hash_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.digest()


def file_events(output):
    """The events about files among what a client with -o json has written so far."""
    lines = output.so_far().decode().split("\n")[:-1]
    return [event for event in map(json.loads, lines) if event["type"] == "file"]
