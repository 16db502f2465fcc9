#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Offers forward, whose results are zeros, and answers "supports" as argv[1]
says: honest, late (refuses the call alone), always or never invalid, evasive
(supports nothing, and computes).  It insists that legal and illegal problems
look alike."""
import json, math, sys

how, met = sys.argv[1], []

for line in sys.stdin.buffer:
    ask = json.loads(line)
    say, body = {"id": ask["id"], "status": "unsupported"}, b""
    p = ask.get("problem", {})
    for tensor in ask["tensors"]:
        sys.stdin.buffer.read(math.prod(tensor["shape"]) * 8)
    legal = min(p.get("s", [0])) > 0
    if ask["op"] == "hello":
        say.update(status="ok", name="supports.py", version="1", supports=True)
    elif ask.get("ask") == "refuse" or ask.get("case", "").startswith("refuse"):
        sys.exit("an illegal problem is marked")
    elif ask.get("ask") == "supports":
        if ask["tensors"] or "case" in ask:
            sys.exit("a question has more than the problem")
        met.append(legal)
        say["status"] = (
            "invalid" if how == "always" else
            "ok" if how in ("never", "late") else
            "unsupported" if how == "evasive" or ask["op"] != "forward" else
            "ok" if legal else "invalid")
    elif ask["op"] == "forward":
        if how == "late" and not legal:
            say["status"] = "invalid"
        else:
            shape = [p["n"], p["co"], *p["o"]]
            say.update(status="ok", tensors=[{"name": "y", "shape": shape}])
            body = bytes(8 * math.prod(shape))
    sys.stdout.buffer.write(json.dumps(say).encode() + b"\n" + body)
    sys.stdout.buffer.flush()
