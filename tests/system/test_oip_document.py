"""Our OpenAPI document against the published REST description of the Open Inference Protocol.

Where the two differ on purpose, docs/decisions/0008 says why.
"""

import json
import os
import urllib.request
from pathlib import Path

import pytest

MODEL, VERSION = "wide", "cdcdcdcdcdcd"
TOLD_APART = {"name": MODEL, "MODEL_NAME": MODEL, "MODEL_VERSION": VERSION}


@pytest.fixture(scope="module")
def published(root):
    folder = Path(os.environ.get("TRIMTAB_SCHEMAS", root.parent / "shared/schemas"))
    path = folder / "oip/open_inference_rest.json"
    if not path.exists():
        pytest.skip(f"needs the published schemas, and there is no {path}")  # stated reason: not ours to ship
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def ours(serve):
    with urllib.request.urlopen(f"http://{serve('serve_wide.py').http}/openapi.json") as response:
        return json.loads(response.read())


def resolved(document, schema):
    """The schema behind a reference; a nullable one without its null."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def paths(template):
    """Our paths for a published one: with its version and, where it names one, without."""
    path = template.replace("${", "{").format(**TOLD_APART)
    return {path, path.replace(f"/versions/{VERSION}", "")}


def body(document, operation, status=""):
    holder = operation["responses"][status] if status else operation["requestBody"]
    content = holder.get("content", {}).get("application/json")
    return None if content is None else resolved(document, content["schema"])


def compare(published, ours, theirs, mine, place):
    """Every property of theirs is one of ours of a type that theirs allows, and what they require we do."""
    theirs, mine = resolved(published, theirs), resolved(ours, mine)
    found = []
    if "items" in theirs and "anyOf" not in resolved(published, theirs["items"]):
        found += compare(published, ours, theirs["items"], mine.get("items", {}), f"{place}[]")
    missing = set(theirs.get("required", ())) - set(mine.get("required", ()))
    found += [f"{place}: `{name}` is required there, not here" for name in sorted(missing)]
    for name, schema in theirs.get("properties", {}).items():
        if name not in mine.get("properties", {}):
            found.append(f"{place}: no `{name}`")
            continue
        found += compare(published, ours, schema, mine["properties"][name], f"{place}.{name}")
    kinds = mine.get("type", theirs.get("type"))
    if "type" in theirs and theirs["type"] not in ([kinds] if isinstance(kinds, str) else kinds):
        found.append(f"{place}: {theirs['type']} there, {kinds} here")
    return found


def test_every_published_operation_is_one_of_ours_with_and_without_its_version(published, ours):
    operations = [
        (method, path)
        for template, item in published["paths"].items()
        for method in item
        if method in ("get", "post")
        for path in paths(template)
    ]
    assert len(operations) == 9
    assert [place for place in operations if place[0] not in ours["paths"].get(place[1], {})] == []


def test_every_published_field_is_one_of_ours(published, ours):
    found, compared = [], 0
    for template, item in published["paths"].items():
        for method in {"get", "post"} & item.keys():
            for path in paths(template):
                mine, theirs = ours["paths"][path][method], item[method]
                for status in ("200", "400"):
                    if status in theirs["responses"] and (wanted := body(published, theirs, status)):
                        found += compare(published, ours, wanted, body(ours, mine, status), f"{path} {status}")
                        compared += 1
                if "requestBody" in theirs:
                    found += compare(published, ours, body(published, theirs), body(ours, mine), f"{path} request")
                    compared += 1
    assert compared == 10
    assert found == []


def test_the_comparison_finds_what_differs(published):
    changed = json.loads(json.dumps(published))
    tensor = changed["components"]["schemas"]["response_output"]
    tensor["required"].remove("shape")
    tensor["properties"]["data"] = {"type": "string"}
    del tensor["properties"]["parameters"]
    theirs = {"$ref": "#/components/schemas/inference_response"}
    assert compare(published, changed, theirs, theirs, "answer") == [
        "answer.outputs[]: `shape` is required there, not here",
        "answer.outputs[].data: array there, string here",
        "answer.outputs[]: no `parameters`",
    ]
