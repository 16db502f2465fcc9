#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sample.py with a memory: it refuses the first problem, and forgets the bias
when that problem comes back."""
import json
import runpy

parse = json.loads
first = []


def parse_and_remember(line):
    ask = parse(line)
    if ask["op"] == "forward" and not first:
        first.append(ask["problem"])
        ask["op"] = "not yet"
    elif ask["op"] == "forward" and ask["problem"] == first[0]:
        for tensor in ask["tensors"]:
            tensor["name"] = tensor["name"].replace("b", "forgotten")
    return ask


json.loads = parse_and_remember
runpy.run_path("oracle/adapters/sample.py")
