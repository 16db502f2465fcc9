#!/usr/bin/python3 -I
# SPDX-License-Identifier: MIT
#
# Serves the pipe protocol with PyTorch's conv_transpose{1,2,3}d and autograd on
# the CPU; --native turns torch's oneDNN backend off.
import json
import os
import sys
import time

# This file has the module's name: without -I (above) it would import itself.
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:] = [p for p in sys.path if os.path.realpath(p or ".") != HERE]
try:
    import numpy
    import torch
except ImportError as e:
    sys.exit(f"torch.py: {e}: install python3-torch and python3-numpy")

DTYPES = {  # name: bytes as numpy names them, torch's type, bytes as torch does
    "f64": ("<f8", torch.float64, torch.float64),
    "f32": ("<f4", torch.float32, torch.float32),
    "f16": ("<f2", torch.float16, torch.float16),
    "bf16": ("<i2", torch.bfloat16, torch.int16)}
CONV = {1: torch.nn.functional.conv_transpose1d,
        2: torch.nn.functional.conv_transpose2d,
        3: torch.nn.functional.conv_transpose3d}
GRADIENT = {"grad_input": "x", "grad_weight": "w", "grad_bias": "b"}
RESTRICTIONS = (  # documented by torch
    ("ranks of 1 to 3", lambda p: p["rank"] not in CONV),
    ("no half precision on the CPU", lambda p: p["dtype"] == "f16"),
    ("one padding for both ends", lambda p: p["pb"] != p["pe"]),
    ("no negative padding", lambda p: min(p["pb"]) < 0),
    ("no empty channels", lambda p: 0 in (p["ci"], p["co"])),
    ("no empty extents", lambda p: 0 in p["i"] + p["o"]))


class OtherExtent(Exception):
    """Torch derives another output extent than the problem states."""


def convolve(p, x, w, b):
    return CONV[p["rank"]](x, w, b, p["s"], p["pb"], p["op"], p["g"], p["d"])


def compute(op, p, t):
    """Returns name and value of op's result, in torch's shape, and the seconds
    that it took: of a gradient, the seconds of the backward pass alone."""
    begin = time.perf_counter()
    if op == "forward":
        y = convolve(p, t["x"], t["w"], t.get("b"))
        return "y", y, time.perf_counter() - begin
    batch = [] if p["unbatched"] else [p["n"]]
    shapes = {"x": batch + [p["ci"]] + p["i"],
              "w": [p["ci"], p["co"] // p["g"]] + p["k"], "b": [p["co"]]}
    for name, shape in shapes.items():  # linear: a missing tensor is zero
        t.setdefault(name, torch.zeros(shape, dtype=DTYPES[p["dtype"]][1]))
    wanted = t[GRADIENT[op]].requires_grad_()
    y = convolve(p, t["x"], t["w"], t["b"] if op == "grad_bias" else None)
    if y.shape != t["gy"].shape:
        raise OtherExtent(f"y has shape {list(y.shape)}")
    begin = time.perf_counter()
    value = torch.autograd.grad(y, wanted, t["gy"])[0]
    return "g" + GRADIENT[op], value, time.perf_counter() - begin


def respond(op, p, tensors):
    """Returns the reply's header without id, and the bytes that follow it."""
    for reason, applies in RESTRICTIONS:
        if applies(p):
            return {"status": "unsupported", "reason": "torch: " + reason}, b""
    try:
        name, value, seconds = compute(op, p, tensors)
    except Exception as e:
        text = str(e).split("\n")[0]
        status = "invalid" if isinstance(e, OtherExtent) else "error"
        if "not implemented for" in text:  # torch's words for a missing type
            status = "unsupported"
        return {"status": status,
                "reason": f"torch: {type(e).__name__}: {text}"}, b""
    raw = value.detach().contiguous().view(DTYPES[p["dtype"]][2])
    return {"status": "ok", "tensors": [{"name": name,
            "shape": list(value.shape)}],
            "seconds": seconds}, raw.numpy().tobytes()


def receive(request, stream):
    """Reads the tensors that follow a request; returns them by name."""
    tensors = {}
    for t in request.get("tensors", []):
        layout, kind, _ = DTYPES[request["dtype"]]
        array = numpy.empty(t["shape"], layout)
        if stream.readinto(array.reshape(-1).view("u1")) != array.nbytes:
            raise EOFError
        tensors[t["name"]] = torch.from_numpy(array).view(kind)
    return tensors


def blas():
    """Returns the BLAS that torch uses, or "": the folder of the library that the
    system's alternatives chose.  Reference BLAS is 30 times slower."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            for line in maps:
                if "/libblas.so" in line:
                    return ", " + line.split("/")[-2] + " for BLAS"
    except OSError:
        pass
    return ""


def main(native):
    backend = "native" if native else "oneDNN"
    hello = {"status": "ok", "name": "torch",
             "version": f"{torch.__version__} ({backend}{blas()})"}
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # so that a print cannot break the protocol
    threads = (os.environ.get("DECONFORM_THREADS") or
               os.environ.get("OMP_NUM_THREADS") or 1)
    torch.set_num_threads(int(threads))
    with torch.backends.mkldnn.flags(enabled=not native):
        for line in sys.stdin.buffer:
            request = json.loads(line)
            tensors = receive(request, sys.stdin.buffer)
            answer, raw = hello, b""
            if request["op"] != "hello":
                answer, raw = respond(request["op"], request["problem"],
                                      tensors)
            out.write(json.dumps({"id": request["id"], **answer}).encode())
            out.write(b"\n" + raw)
            out.flush()


if __name__ == "__main__":
    try:
        main("--native" in sys.argv[1:])
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        os._exit(0)  # the judge is gone
