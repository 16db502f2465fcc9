#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pipe protocol in seventy lines: a naive implementation to copy.  It offers
forward in f64 and f32, and refuses all else and every illegal problem."""
import array, itertools, json, math, sys

def legal(p):
    """The rules of ref/deconform.h."""
    axes, whole = range(len(p["i"])), [p["n"], p["ci"], p["co"], p["g"]]
    lists = [p[name] for name in ("i", "k", "s", "d", "pb", "pe", "op", "o")]
    if not (1 <= p["rank"] == len(p["i"]) <= 3 and p["g"] >= 1
            and p["ci"] % p["g"] == p["co"] % p["g"] == 0
            and min(*whole, *p["i"], *p["op"]) >= 0
            and min(p["k"] + p["s"] + p["d"]) >= 1
            and max(whole + [abs(v) for v in sum(lists[:-1], [])]) <= 1 << 40
            and (p["n"] == 1 or not p["unbatched"])):
        return False
    o = [(p["i"][a] - 1) * p["s"][a] - p["pb"][a] - p["pe"][a]
         + p["d"][a] * (p["k"][a] - 1) + p["op"][a] + 1 for a in axes]
    sizes = [whole[:1] + [c, *e] for c, e in ((p["ci"], p["i"]), (p["co"], o))]
    sizes.append([p["ci"], p["co"] // p["g"], *p["k"]])
    return (min(o) >= 0 and all(p["op"][a] < max(p["s"][a], p["d"][a]) for a in axes)
            and all(math.prod(v or 1 for v in s) < 1 << 60 for s in sizes))

def forward(p, t):
    """The formula for ranks 1 to 3: every input times every tap."""
    axes, ci, co = range(len(p["i"])), p["ci"] // p["g"], p["co"] // p["g"]
    places = lambda extents: itertools.product(*map(range, extents))
    volume = 1
    for extent in p["o"]:
        volume *= extent
    bias = t.get("b") or [0.0] * p["co"]
    y = [b for _ in range(p["n"]) for b in bias for _ in range(volume)]
    x = iter(t["x"])
    for n, c, *j in places([p["n"], p["ci"], *p["i"]]):
        value, w = next(x), c * len(t["w"]) // p["ci"]      # w [ci, co/g, k..]
        for m, *tap in places([co, *p["k"]]):
            at = n * p["co"] + c // ci * co + m
            for a in axes:
                o = j[a] * p["s"][a] - p["pb"][a] + tap[a] * p["d"][a]
                if not 0 <= o < p["o"][a]:
                    break
                at = at * p["o"][a] + o
            else:
                y[at] += value * t["w"][w]
            w += 1
    return y

for line in sys.stdin.buffer:
    ask = json.loads(line)
    say, body, data = {"id": ask["id"], "status": "unsupported"}, b"", {}
    code = {"f64": "d", "f32": "f"}.get(ask.get("dtype"))
    for tensor in ask.get("tensors", []):       # read them in any case
        size = {"f64": 8, "f32": 4}.get(ask["dtype"], 2)
        for extent in tensor["shape"]:
            size *= extent
        data[tensor["name"]] = array.array(code or "B", sys.stdin.buffer.read(size))
    if ask["op"] == "hello":
        say.update(status="ok", name="sample.py", version="1", supports=True)
    elif not legal(ask["problem"]):
        say["status"] = "invalid"
    elif ask.get("ask") == "supports":          # without tensors
        say["status"] = "ok" if ask["op"] == "forward" and code else "unsupported"
    elif ask["op"] == "forward" and code:
        p = ask["problem"]
        batch = [] if p["unbatched"] else [p["n"]]
        say.update(status="ok", tensors=[{"name": "y", "shape": [*batch, p["co"], *p["o"]]}])
        body = array.array(code, forward(p, data)).tobytes()
    sys.stdout.buffer.write(json.dumps(say).encode() + b"\n" + body)
    sys.stdout.buffer.flush()
