#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Runs an npz pack through PyTorch, forward and autograd, writes its answers:
#   /usr/bin/python3 tests/packs/pack_torch.py PACK ANSWERS
# Then: deconform judge PACK --answers ANSWERS
import json
import os
import sys

import numpy as np
import torch

TYPES = {"f64": torch.float64, "f32": torch.float32,
         "f16": torch.float16, "bf16": torch.bfloat16}


def load(a, dtype):
    if dtype == "bf16":  # the upper half of binary32
        wide = a.astype(np.uint32) << 16
        return torch.from_numpy(wide.view(np.float32)).to(torch.bfloat16)
    return torch.from_numpy(a)


def store(t, dtype):
    if dtype == "bf16":
        wide = t.detach().float().numpy().view(np.uint32)
        return (wide >> 16).astype(np.uint16)
    return t.detach().numpy()


def run(case, z):
    p, dtype = case["problem"], case["problem"]["dtype"]
    if p["pb"] != p["pe"]:
        raise ValueError("pb != pe: PyTorch pads symmetrically")
    function = getattr(torch.nn.functional, "conv_transpose%dd" % p["rank"])
    x, w = (load(z[k], dtype).requires_grad_() for k in ("x", "w"))
    b = load(z["b"], dtype).requires_grad_() if p["has_bias"] else None
    y = function(x, w, b, stride=p["s"], padding=p["pb"],
                 output_padding=p["op"], groups=p["g"], dilation=p["d"])
    gy = load(z["gy"], dtype)
    over = [x, w] + ([b] if p["has_bias"] else [])
    got = dict(zip(("gx", "gw", "gb"), torch.autograd.grad(y, over, gy)))
    got["y"] = y
    return {k: store(v, dtype) for k, v in got.items()}


def main(pack, out):
    os.mkdir(out)
    refused = open(out + "/unsupported", "w")
    for line in open(pack + "/cases.jsonl"):
        case = json.loads(line)
        try:
            with np.load("%s/tensors/%s.npz" % (pack, case["id"])) as z:
                got = run(case, z)
            np.savez("%s/%s.npz" % (out, case["id"]), **got)
            if "gb" not in got:
                refused.write(case["id"] + " grad_bias no bias, no gradient\n")
        except (RuntimeError, ValueError) as error:
            reason = str(error).split("\n")[0]
            refused.write("%s %s\n" % (case["id"], reason[:300]))


main(*sys.argv[1:])
