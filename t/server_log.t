#!/usr/bin/env python3
"""Where the log of the server goes, and how it is written."""

import json
import os
import re
import signal
import subprocess

from harness import *
from harness import SERVER
from wire import *


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def test_json():
    server = Server("--log-format", "json", "--name", "Relay")
    Peer(server, "Adam").handshake().bye()
    server.stop()
    records = [json.loads(line) for line in server.err.text().splitlines()]
    ok(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["time"]) for record in records),
       "each record is an object with its time")
    is_({record["level"] for record in records} - {"info", "warning"}, set(), "and its level")
    said = [record for record in records if record["text"].startswith("Adam is connected, key SHA256:")]
    is_([type(record["client"]) for record in said], [int], "and its client where it is about one")
    is_([sorted(record) for record in records if "name Relay" in record["text"]], [["level", "text", "time"]],
        "and without where it is not")
    server = Server("--log-format", "json")
    wire = Wire(server)
    wire.send_line(b'{"type":"error","code":"what","text":"\\"}\\n\\u001b\\\\ {"}')
    record = json.loads(server.err.expect(rb"^.*gives up with.*$").group(0))
    is_(record["text"], 'the client gives up with unknown: "}\\x0a\\x1b\\x5c {'.replace("\\x5c", "\\"),
        "what a client says stays in its string, escaped")
    is_(server.stop(), 0, "the server ends as it should")


def test_file():
    path = os.path.join(folder(), "server.log")
    config = write_file("server.conf", "")
    server = Server("--config", config, "--log-file", path)
    like("\n".join(lines_of(path)), r"info chatsecure-server .*, name ", "the log is in the file")
    is_(os.stat(path).st_mode & 0o777 & ~0o640, 0, "which is not everybody's to read")
    os.rename(path, path + ".1")
    server.signal(signal.SIGHUP)
    while not os.path.exists(path) or not any("files were read again" in line for line in lines_of(path)):
        Peer(server, "Adam").handshake().bye()
    reached("after SIGHUP it is in a new one")
    like(lines_of(path + ".1")[-1], "reading files again|Adam|lost|connect", "and nothing was lost between them")
    is_(server.stop(), 0, "the server ends as it should")
    is_(server.err.text(), "", "nothing is on stderr")
    like(lines_of(path)[-1], r"info stopped$", "the file has it to the end")
    before = len(lines_of(path))
    server = Server("--log-file", path)
    server.stop()
    ok(len(lines_of(path)) > before and "files were read again" in "\n".join(lines_of(path)),
       "the next server appends to it")

    config = write_file("server.conf", "")
    server = Server("--config", config)
    write_file("server.conf", "log-file = %s/nowhere/log\n" % folder())
    server.signal(signal.SIGHUP)
    server.err.expect(r"error cannot write the log .*nowhere/log: No such file.*; the log as it was before goes on$")
    write_file("server.conf", "log-file = %s\nlog-format = json\n" % path)
    server.signal(signal.SIGHUP)
    while "{" not in lines_of(path)[-1]:
        Peer(server, "Adam").handshake().bye()
    reached("SIGHUP moves the log from stderr to a file, and changes how it is written")
    server.stop()
    wrong = Server("--log-file", os.path.join(folder(), "nowhere", "log"), ready=False)
    is_(wrong.wait(), 2, "a file that cannot be written ends the start")
    like(wrong.err.text(), r"cannot write the log .*nowhere/log", "and is named")
    wrong = Server("--log-file", path, "--certificate", "/nowhere", ready=False)
    is_(wrong.wait(), 2, "what ends the start")
    like(wrong.err.text(), r"\Achatsecure-server: cannot use the certificates /nowhere", "is on stderr too")


def test_journal_of_errors():
    """Why a server cannot start, and why a command fails, before there is a log."""
    wrong = write_file("wrong.conf", "rate = much\n")
    for arguments in (("--config", wrong), ("--config", "/dev/null", "reload"),
                      ("--config", "/dev/null", "--log", "syslog", "--key", "/nowhere")):
        with open(os.path.join(folder(), "journal.txt"), "w+", encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            done = subprocess.run([SERVER, "--state-dir", folder("no-server"), "--listen", "127.0.0.1:0", *arguments],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file, check=False,
                                  env=environment(JOURNAL_STREAM="%d:%d" % (status.st_dev, status.st_ino)))
            file.seek(0)
            like(file.read(), r"\A<3>chatsecure-server: .*\n\Z",
                 "what ends it with %s is an error to the journal" % arguments[-1])
        ok(done.returncode in (1, 2), "and ends it")


def test_journal():
    for is_its in (True, False):
        reader, writer = os.pipe()
        status = os.fstat(writer)
        stream = "%d:%d" % (status.st_dev, status.st_ino + (not is_its))
        process = subprocess.Popen([SERVER, "--key", key("relay"), "--state-dir", folder("journal"), "--listen",
                                    "127.0.0.1:0", "--config", "/dev/null"], stdin=subprocess.DEVNULL, stderr=writer,
                                   stdout=subprocess.PIPE, env=environment(JOURNAL_STREAM=stream))
        os.close(writer)
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        with os.fdopen(reader, "rb") as file:
            said = file.read().decode()
        is_(process.wait(DEADLINE), 0, "a server with JOURNAL_STREAM ends as it should")
        process.stdout.close()
        pattern = r"<6>info .*" if is_its else r"\d{4}-.* info .*"
        is_([line for line in said.splitlines() if not re.fullmatch(pattern, line)], [],
            "its records have %s" % ("priorities, and no time" if is_its else "a time if stderr is another"))


def main():
    require_cryptography()
    test_json()
    test_file()
    test_journal()
    test_journal_of_errors()


run(main)
