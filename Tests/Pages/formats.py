#!/usr/bin/python3
"""Holds reports for machines against their formats: the parts of SARIF 2.1.0 (OASIS, errata 01) that ours use, with
what the published schema asks of each, and JUnit's XML as Jenkins' schema has it (junit-10.xsd). The reports were held
against the published SARIF schema itself too; that is not ours to copy.

  formats.py sarif|junit FILE...     prints what is wrong; status 1 if something is, 77 where jsonschema is not
                                     installed
"""

import json
import sys
import xml.etree.ElementTree as tree

TEXT = {"type": "string"}
MESSAGE = {"type": "object", "additionalProperties": False, "required": ["text"], "properties": {"text": TEXT}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def exact(required, **properties):
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def several(items, least=0, unique=False):
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": unique}


LOCATION = exact(
    [],
    physicalLocation=exact(
        ["artifactLocation"],
        artifactLocation=exact(
            [], uri={"type": "string", "format": "uri-reference", "pattern": r"^[^\s<>\"{}|\\^`]*$"}),
        region=exact([], startLine={"type": "integer", "minimum": 1}),
    ),
    logicalLocations=several(exact([], fullyQualifiedName=TEXT), unique=True),
)
RESULT = exact(
    ["message"],
    ruleId=TEXT, ruleIndex={"type": "integer", "minimum": -1}, level=LEVEL, message=MESSAGE,
    locations=several(LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
)
DRIVER = exact(["name"], name=TEXT, version=TEXT,
               rules=several(exact(["id"], id=TEXT, shortDescription=MESSAGE), unique=True))
INVOCATION = exact(
    ["executionSuccessful"],
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications=several(exact(["message"], message=MESSAGE, level=LEVEL)),
)
RUN = exact(["tool"], tool=exact(["driver"], driver=DRIVER), results=several(RESULT), invocations=several(INVOCATION))
SARIF = exact(["version", "runs"], version={"enum": ["2.1.0"]}, runs=several(RUN),
              **{"$schema": {"type": "string", "format": "uri"}})


def sarif(text):
    import jsonschema

    report = json.loads(text)
    for error in jsonschema.Draft7Validator(SARIF).iter_errors(report):
        yield f"{list(error.path)}: {error.message[:200]}"
    for run in report["runs"]:
        # What a schema cannot say: a result's rule is the one that its index names.
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        for result in run.get("results", []):
            if rules[result["ruleIndex"]] != result["ruleId"]:
                yield f"{result['ruleId']} has the index of {rules[result['ruleIndex']]}"


# Element: attributes (those that must be there first), children.
JUNIT = {
    "testsuites": ((), ("name", "time", "tests", "failures", "disabled", "errors"), {"testsuite"}),
    "testsuite": (
        ("name",),
        ("tests", "failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"),
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        ("name", "classname"), ("assertions", "time", "status"),
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": ((), ("type", "message"), set()),
    "error": ((), ("type", "message"), set()),
}


def junit(text):
    root = tree.fromstring(text)
    if root.tag != "testsuites":
        yield f"the root is {root.tag}"
    for element in root.iter():
        if element.tag not in JUNIT:
            yield f"an element that is not JUnit's: {element.tag}"
            continue
        must, may, children = JUNIT[element.tag]
        for name in must:
            if name not in element.attrib:
                yield f"{element.tag} without {name}"
        for name in element.attrib:
            if name not in must + may:
                yield f"{element.tag} with {name}"
        for child in element:
            if child.tag not in children:
                yield f"{child.tag} in {element.tag}"
        if element.tag in ("testsuites", "testsuite"):
            for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
                if name in element.attrib and int(element.get(name)) != len(list(element.iter(tag))):
                    yield f"{element.tag} counts {element.get(name)} {name}, and has {len(list(element.iter(tag)))}"


found = False
try:
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as file:
            for problem in {"sarif": sarif, "junit": junit}[sys.argv[1]](file.read()):
                print(f"{name}: {problem}")
                found = True
except ImportError:
    sys.exit(77)
sys.exit(found)
