# SPDX-License-Identifier: Apache-2.0
"""Serves moto on a free loopback port until standard input ends, and prints one line of JSON with what a test needs to know of it.

With --checked, every later request must be signed by the key that is printed, and moto checks the signature. With --log FILE, every
later request is a line of JSON in that file before it is answered.
"""

import hashlib
import io
import json
import logging
import os
import sys
import threading
import time
import zipfile

REGION = "eu-west-1"
os.environ.update(AWS_ACCESS_KEY_ID="setup", AWS_SECRET_ACCESS_KEY="setup", AWS_DEFAULT_REGION=REGION)
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
# So that a test's list has more than one page.
os.environ["MOTO_S3_DEFAULT_MAX_KEYS"] = "20"

import boto3
from moto import settings
from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


class Logged:
    """moto, one request after the other, since its own look for If-None-Match and its write are two steps and S3's are one."""

    def __init__(self, application) -> None:
        self.application, self.lock, self.path = application, threading.Lock(), None

    def __call__(self, environ, start_response):
        began, length = time.time_ns(), int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        head = []
        with self.lock:
            if len(body) == length:
                answer = b"".join(self.application(environ, lambda *parts: head.extend(parts)))
            else:
                # Whoever sent it is gone; S3 keeps nothing of half a body.
                head, answer = ["400 Bad Request", []], b""
            if self.path:
                self.log(environ, began, int(head[0].split()[0]), body)
        start_response(*head)
        return [answer]

    def log(self, environ, began: int, status: int, body: bytes) -> None:
        record = {
            "method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"], "ifNoneMatch": environ.get("HTTP_IF_NONE_MATCH"),
            "sha256": hashlib.sha256(body).hexdigest(), "status": status, "began": began, "ended": time.time_ns(),
        }
        with open(self.path, "a") as file:
            file.write(json.dumps(record) + "\n")


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    default_user_config["lambda"]["use_docker"] = False
    application = Logged(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"

    s3 = boto3.client("s3", endpoint_url=url)
    s3.create_bucket(Bucket="saker-results", CreateBucketConfiguration={"LocationConstraint": REGION})
    iam = boto3.client("iam", endpoint_url=url)
    key = user_key(iam)
    make_function(iam, boto3.client("lambda", endpoint_url=url))
    if "--checked" in sys.argv:
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    if "--log" in sys.argv:
        application.path = sys.argv[sys.argv.index("--log") + 1]
    print(json.dumps({"url": url, "region": REGION, "accessKey": key["AccessKeyId"], "secretKey": key["SecretAccessKey"]}), flush=True)
    sys.stdin.read()


def user_key(iam) -> dict:
    iam.create_user(UserName="saker")
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="saker", PolicyName="all", PolicyDocument=json.dumps(allowed))
    return iam.create_access_key(UserName="saker")["AccessKey"]


def make_function(iam, functions) -> None:
    role = iam.create_role(RoleName="run", AssumeRolePolicyDocument="{}", Path="/")["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "def handle(event, context):\n    return event\n")
    functions.create_function(
        FunctionName="respond", Runtime="python3.12", Role=role, Handler="main.handle", Code={"ZipFile": code.getvalue()}
    )


main()
