#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Validates a json pack, index and tensors, against its schema:
#   /usr/bin/python3 tests/packs/check_schema.py SCHEMA PACK
import json
import sys

import jsonschema

schema, pack = sys.argv[1:]
check = jsonschema.Draft202012Validator(json.load(open(schema))).validate
check(json.load(open(pack + "/pack.json")))
for line in open(pack + "/cases.jsonl"):
    case = json.loads(line)
    check(case)
    check(json.load(open(pack + "/" + case["files"][0]["path"])))
