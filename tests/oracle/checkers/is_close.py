#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`is_close.py FILE`: prints what numpy and torch say about pairs of values.

FILE holds got and want of each pair as two binary64 values.  One line for each
rule: its name, the type, and 0 or 1 for each pair."""
import sys
import numpy
import torch

CLOSE = {"f64": (1e-7, 1e-7), "f32": (1.3e-6, 1e-5),
         "f16": (1e-3, 1e-5), "bf16": (1.6e-2, 1e-5)}
TYPES = {"f64": torch.float64, "f32": torch.float32,
         "f16": torch.float16, "bf16": torch.bfloat16}


def say(name, dtype, close):
    print(f"{name}:{dtype}:" + "".join("01"[int(c)] for c in close))


pairs = numpy.fromfile(sys.argv[1]).reshape(-1, 2)
for name, dtype in (("f64", numpy.float64), ("f32", numpy.float32)):
    got, want = pairs.astype(dtype).T
    say("numpy allclose", name, numpy.isclose(got, want))
for name, dtype in TYPES.items():
    got, want = torch.from_numpy(pairs).to(dtype).T
    if name in ("f64", "f32"):
        say("torch allclose", name, torch.isclose(got, want))
    rtol, atol = CLOSE[name]
    say("torch assert_close", name, torch.isclose(got, want, rtol, atol))
