"""A container, by Microsoft's own client: `container.py ENDPOINT KEY make|read NAME`, as `bucket.py`."""

import hashlib
import json
import sys

from azure.storage.blob import BlobServiceClient

endpoint, key, action, name = sys.argv[1:]
service = BlobServiceClient(endpoint, credential={"account_name": "devstoreaccount1", "account_key": key})
container = service.get_container_client(name)
if action == "make":
    container.create_container()
else:
    bodies = {blob.name: container.download_blob(blob.name).readall() for blob in container.list_blobs()}
    print(json.dumps({blob: hashlib.sha256(body).hexdigest() for blob, body in bodies.items()}))
