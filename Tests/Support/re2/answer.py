# SPDX-License-Identifier: Apache-2.0
"""Answers what RE2 makes of patterns and texts, with the options that Falco compiles with.

Reads one JSON object a line, {"pattern": TEXT, "texts": [TEXT]}, and prints one a line: {"error": TEXT} for a pattern that RE2 refuses,
else {"answers": [BOOLEAN]}, true where the whole text matches.
"""

import json
import sys

import re2


def answer(question: dict) -> dict:
    options = re2.Options()
    options.posix_syntax = True
    options.longest_match = True
    options.log_errors = False
    try:
        pattern = re2.compile(question["pattern"], options)
    except re2.error as error:
        return {"error": str(error)}
    return {"answers": [pattern.fullmatch(text) is not None for text in question["texts"]]}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
