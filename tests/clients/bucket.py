"""A bucket, by Amazon's own client: `bucket.py ENDPOINT make|read NAME`; `read` prints names and digests of objects."""

import hashlib
import json
import sys

import boto3

endpoint, action, bucket = sys.argv[1:]
known = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **known)
if action == "make":
    client.create_bucket(Bucket=bucket)
else:
    listed = [
        one["Key"]
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for one in page.get("Contents", [])
    ]
    bodies = {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in listed}
    print(json.dumps({key: hashlib.sha256(body).hexdigest() for key, body in bodies.items()}))
