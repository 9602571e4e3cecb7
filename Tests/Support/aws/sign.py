# SPDX-License-Identifier: Apache-2.0
"""Prints random requests, one JSON object a line, each with the Authorization header that botocore's own signer gives it.

Usage: sign.py COUNT SEED
"""

import base64
import datetime
import json
import random
import sys
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

LETTERS = "abcXYZ019 -._~+%/=&?#:@!$'()*,;<>[]{}|\\^`\"äß漢🦅\u0301"
PLAIN = "abcXYZ019-._~"


def text(source: random.Random, alphabet: str, longest: int, shortest: int = 0) -> str:
    return "".join(source.choice(alphabet) for _ in range(source.randint(shortest, longest)))


def path(source: random.Random) -> str:
    segments = [source.choice([text(source, LETTERS, 12), ".", "..", ""]) for _ in range(source.randint(0, 5))]
    return "/" + quote("/".join(segments), safe="/~")


def headers(source: random.Random) -> list:
    names = source.sample(["Content-Type", "X-Amz-Meta-One", "x-amz-meta-two", "If-None-Match", "X-Custom", "x-amz-target"], 3)
    return [[name, text(source, "abc XYZ  019;=/*\"", 20, 1).strip() or "v"] for name in names[: source.randint(0, 3)]]


def example(source: random.Random) -> dict:
    service, region = source.choice(["s3", "s3", "lambda", "sts", "sqs"]), source.choice(["us-east-1", "eu-west-1", "cn-north-1"])
    host = source.choice(["example.amazonaws.com", "127.0.0.1:9000", "bucket.s3.eu-west-1.amazonaws.com"])
    query = [[text(source, LETTERS, 6, 1), text(source, LETTERS, 8)] for _ in range(source.randint(0, 4))]
    return {
        "method": source.choice(["GET", "HEAD", "PUT", "POST", "DELETE"]), "service": service, "region": region,
        "origin": "http://" + host, "path": path(source), "query": query, "headers": headers(source),
        "body": base64.b64encode(source.randbytes(source.choice([0, 1, 64, 5000]))).decode(),
        "accessKey": "AKID" + text(source, "ABCDEF0123", 16, 16), "secretKey": text(source, PLAIN + "/+", 40, 40),
        "token": source.choice([None, text(source, PLAIN + "/+=", 300, 10)]), "time": source.randint(1_000_000_000, 4_000_000_000),
    }


def authorization(case: dict) -> str:
    moment = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: moment.replace(tzinfo=None) if remove_tzinfo else moment
    query = "&".join(quote(name, safe="~") + "=" + quote(value, safe="~") for name, value in case["query"])
    url = case["origin"] + case["path"] + ("?" + query if query else "")
    request = AWSRequest(method=case["method"], url=url, data=base64.b64decode(case["body"]))
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    signer = botocore.auth.S3SigV4Auth if case["service"] == "s3" else botocore.auth.SigV4Auth
    signer(Credentials(case["accessKey"], case["secretKey"], case["token"]), case["service"], case["region"]).add_auth(request)
    return request.headers["Authorization"]


source = random.Random(int(sys.argv[2]))
for _ in range(int(sys.argv[1])):
    case = example(source)
    print(json.dumps({**case, "authorization": authorization(case)}))
