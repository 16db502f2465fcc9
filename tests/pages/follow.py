#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Follows a page of documentation: `follow.py PAGE BINARY [SHOW]`.

A code block below a line that is a file name ("`kernel.c`:") is written to that
file, in a folder of its own with ./deconform and ref/.  In a console block each
`$ ` line is typed into a shell, and what it prints must be what the page
prints, apart from seconds and counts; "..." stands for any lines.  A word
behind "console" is a command that the block needs: without it the block is
skipped, and the last line says so.  With SHOW, prints what was printed."""
import os, re, shutil, subprocess, sys, tempfile

# Lines whose numbers depend on the machine, or on how many cases there are.
COUNTS = re.compile(r"^(deconform:|precision|structure|skipped|  (f64|f32|f16|bf16) )")


def plain(line):
    """A line without what may differ: any number but 0, and widths."""
    if COUNTS.match(line):
        line = re.sub(r"\b(?!0\b(?!\.))\d+(\.\d+)?\b", "#", line)
    return re.sub(r"[ -]+", " ", line).strip()


def agree(want, got):
    """Are these lines those, in which "..." stands for any?"""
    if want and want[0] == "...":
        return any(agree(want[1:], got[k:]) for k in range(len(got) + 1))
    if not want or not got:
        return not want and not got
    return plain(want[0]) == plain(got[0]) and agree(want[1:], got[1:])


def blocks(text):
    """Each block: the words of its fence, the line before, its lines."""
    before, words, held = "", None, []
    for line in text.splitlines():
        if line.startswith("```"):
            if words is None:
                words, held = line[3:].split(), []
            else:
                yield words, before, held
                words, before = None, ""
        elif words is not None:
            held.append(line)
        elif line.strip():
            before = line


def sessions(lines):
    """Each command of a console block, and the lines below it."""
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def main(page, binary, show=False):
    home = tempfile.mkdtemp(prefix="deconform-page-")
    os.symlink(os.path.abspath(binary), os.path.join(home, "deconform"))
    os.symlink(os.path.abspath("ref"), os.path.join(home, "ref"))
    done, skipped, status = 0, [], "0"
    try:
        for words, before, lines in blocks(open(page).read()):
            name = re.fullmatch(r"`([a-z_.]+)`:", before)
            if name:
                with open(os.path.join(home, name[1]), "w") as file:
                    file.write("\n".join(lines) + "\n")
            if words[:1] != ["console"]:
                continue
            if words[1:] and not shutil.which(words[1]):
                skipped.append(words[1])
                continue
            for command, want in sessions(lines):
                # $? is that of the command before
                ran = subprocess.run(["sh", "-c", f"(exit {status}); {command}"],
                                     cwd=home, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, timeout=300)
                status, done = str(ran.returncode % 256), done + 1
                got = ran.stdout.decode(errors="replace").splitlines()
                if show:
                    print("$ " + command, *got, sep="\n")
                elif not agree(want, got):
                    print(f"{page}: $ {command}", "printed:", *got, sep="\n")
                    return 1
    finally:
        shutil.rmtree(home)
    print(f"followed {done} commands", *(f"skipped, not here: {s}" for s in skipped), sep="; ")
    return 0


sys.exit(main(*sys.argv[1:]))
