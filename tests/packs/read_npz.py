#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Confirms the int cases of an npz pack with numpy and nothing of ours: every
# element of y, gx, gw, gb by scattering in integers.
#   /usr/bin/python3 tests/packs/read_npz.py PACK
import itertools
import json
import sys

import numpy as np


def integers(a, dtype):
    if dtype == "bf16":  # the upper half of binary32
        a = (a.astype(np.uint32) << 16).view(np.float32)
    assert (a == np.rint(a)).all()
    return a.astype(np.int64)


cases = values = 0
for line in open(sys.argv[1] + "/cases.jsonl"):
    case = json.loads(line)
    p = case["problem"]
    if case["family"] != "int":
        continue
    with np.load("%s/tensors/%s.npz" % (sys.argv[1], case["id"])) as z:
        t = {k: integers(z[k], p["dtype"]) for k in z.files}
    if p["unbatched"]:
        for k in ("x", "gy", "y", "gx"):
            t[k] = t[k][None]
    y, gx, gw = (np.zeros_like(t[k]) for k in ("y", "gx", "gw"))
    a, c = p["ci"] // p["g"], p["co"] // p["g"]
    for j in itertools.product(*map(range, p["i"])):
        for k in itertools.product(*map(range, p["k"])):
            o = tuple(jj * s - b + kk * d for jj, s, b, kk, d in
                      zip(j, p["s"], p["pb"], k, p["d"]))
            if not all(0 <= v < e for v, e in zip(o, p["o"])):
                continue
            for g in range(p["g"]):
                i, u = slice(g * a, g * a + a), slice(g * c, g * c + c)
                x, w = t["x"][(slice(None), i) + j], t["w"][(i, slice(None)) + k]
                gy = t["gy"][(slice(None), u) + o]
                y[(slice(None), u) + o] += x @ w
                gx[(slice(None), i) + j] += gy @ w.T
                gw[(i, slice(None)) + k] += x.T @ gy
    if p["has_bias"]:
        y += t["b"].reshape((1, -1) + (1,) * p["rank"])
    axes = (0,) + tuple(range(2, 2 + p["rank"]))
    mine = {"y": y, "gx": gx, "gw": gw, "gb": t["gy"].sum(axis=axes)}
    for k, v in mine.items():
        assert (v == t[k]).all(), (case["id"], case["case"], k)
        values += v.size
    cases += 1
print("%d int cases, %d values confirmed" % (cases, values))
