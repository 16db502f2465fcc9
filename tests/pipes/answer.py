#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Serves the pipe protocol.  Its forward misbehaves as DC_TEST_MODE says;
# otherwise y is zero everywhere.  An author has to write no more than the path
# of mode "good".
import json
import os
import subprocess
import sys
import time

MODE = os.environ.get("DC_TEST_MODE", "")
SIZE = {"f64": 8, "f32": 4, "f16": 2, "bf16": 2}
REQUEST, ANSWER = sys.stdin.buffer, sys.stdout.buffer
calls = 0
kept = []


def count(shape):
    n = 1
    for extent in shape:
        n *= extent
    return n


def send(header, body=b""):
    ANSWER.write(json.dumps(header).encode() + b"\n" + body)
    ANSWER.flush()


def raw(text):
    ANSWER.write(text)
    ANSWER.flush()


def hello(request):
    if MODE == "hello-exit":
        sys.exit("no licence found")
    if MODE == "hello-slow":
        time.sleep(3.3)
    if MODE == "hello-silent":
        time.sleep(600)
    if MODE == "hello-garbage":
        return raw(b"ready.\n")
    if MODE == "hello-long":
        return raw(b"x" * 70000)
    if MODE == "hello-refused":
        return send({"id": request["id"], "status": "error",
                     "reason": "no GPU"})
    if MODE == "hello-bare":
        return send({"id": request["id"], "status": "maybe"})
    if MODE == "hello-anonymous":
        return send({"id": request["id"], "status": "ok"})
    if MODE == "hello-closed":
        os.close(1)
        time.sleep(600)
    send({"id": request["id"], "status": "ok", "name": "answer", "version": "2",
          "declares": ["transform", "flush"]})


def forward(request):
    global calls
    calls += 1
    p, i = request["problem"], request["id"]
    shape = ([] if p["unbatched"] else [p["n"]]) + [p["co"]] + p["o"]
    size = SIZE[request["dtype"]]
    zeros = bytes(count(shape) * size)
    y = {"name": "y", "shape": shape}
    ok = {"id": i, "status": "ok", "tensors": [y]}
    if MODE == "leak":
        kept.append(bytearray(b"x" * 4096))
    if MODE == "clock":
        ok["seconds"] = 0.25
    if MODE == "early":
        send(ok, zeros)
    if MODE == "deaf":
        send(ok, zeros)
        time.sleep(600)
    if MODE == "leaves":
        send(ok, zeros)
        os._exit(7)
    for t in request["tensors"]:
        REQUEST.read(count(t["shape"]) * size)
    if MODE == "early":
        return
    if MODE == "flood":
        for line in range(60000):
            sys.stderr.write("flood %d\n" % line)
    if MODE == "child":
        subprocess.Popen(["sleep", "600"])
    if MODE == "late-death" and calls > 1:
        sys.exit(5)
    if MODE == "moody" and calls == 2:
        zeros = zeros[:2 * size] + b"\x01" + zeros[2 * size + 1:]
    if MODE == "fickle" and calls == 2:
        return send({"id": i, "status": "error", "reason": "tired"})
    bad = {
        "silent": lambda: time.sleep(600),
        "dies": lambda: sys.exit("out of luck"),
        "dies-midway": lambda: (send(ok, zeros[:5]), sys.exit(4)),
        "stalls-midway": lambda: (send(ok, zeros[:5]), time.sleep(600)),
        "closes": lambda: (os.close(1), time.sleep(600)),
        "garbage": lambda: raw(b"\x00\xffwhat?\n"),
        "list": lambda: raw(b"[1, 2]\n"),
        "long": lambda: raw(b"{" + b" " * 70000),
        "no-id": lambda: send({"status": "ok"}),
        "wrong-id": lambda: send({**ok, "id": i + 1}, zeros),
        "no-status": lambda: send({"id": i}),
        "fault": lambda: send({"id": i, "status": "fault",
                               "reason": "no memory"}),
        "nomem": lambda: send({"id": i, "status": "nomem"}),
        "no-tensor": lambda: send({"id": i, "status": "ok"}),
        "too-many": lambda: send({**ok, "tensors": [y, y]}, zeros * 2),
        "no-name": lambda: send({**ok, "tensors": [{"shape": shape}]}),
        "other": lambda: send({**ok, "tensors": [{**y, "name": "gx"}]}),
        "no-shape": lambda: send({**ok, "tensors": [{"name": "y"}]}),
        "negative": lambda: send({**ok, "tensors": [{**y, "shape": [-1]}]}),
        "absurd": lambda: send({**ok, "tensors": [
            {**y, "shape": [1 << 40, 1 << 40]}]}),
        "shape": lambda: send({**ok, "tensors": [
            {**y, "shape": shape + [2]}]}, zeros * 2),
        "shape-short": lambda: (send({**ok, "tensors": [
            {**y, "shape": shape + [2]}]}), sys.exit(0)),
        "unsupported": lambda: send({"id": i, "status": "unsupported",
                                     "reason": "no\tgroups \u00e9"}),
        "invalid": lambda: send({"id": i, "status": "invalid"}),
        "error": lambda: send({"id": i, "status": "error",
                               "reason": "bad luck"}),
        "refuses-with-tensor": lambda: send(
            {**ok, "status": "unsupported"}, zeros),
    }
    if MODE in bad:
        return bad[MODE]()
    send(ok, zeros)
    if MODE == "one-call":
        sys.exit(6)


while True:
    line = REQUEST.readline()
    if not line:
        break
    request = json.loads(line)
    hello(request) if request["op"] == "hello" else forward(request)
if MODE == "stays":
    time.sleep(600)
