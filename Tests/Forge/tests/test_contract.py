import unittest

from tests.case import CONTRACT, ForgeCase
from testforge import request, server  # noqa: F401 (the server enters the operations)
from testforge.store import Store


@unittest.skipUnless(CONTRACT, "Forgejo's description or python3-jsonschema is not here")
class Contract(ForgeCase):
    def tearDown(self):
        """Each test here breaks the contract on purpose and looks itself."""

    def violations(self) -> str:
        with Store(self.root) as store:
            return "\n".join(store.data["violations"])

    def test_every_operation_of_ours_is_described_under_its_name(self):
        for operation in request.OPERATIONS:
            described = CONTRACT.operation(operation.method, operation.template)
            self.assertIsNotNone(described, operation.template)
            self.assertEqual(described["operationId"], operation.name)

    def test_breaches_are_noted_and_good_requests_are_not(self):
        self.push_topic()
        good = {"title": "x", "head": "bob:topic", "base": "main"}
        self.call("POST", "/repos/stagex/stagex/pulls", "bob", good)
        self.call("GET", "/repos/stagex/stagex/pulls", state="all", page=1)
        self.assertEqual(self.violations(), "")
        for body, query, expected in (
            (good | {"heads": "typo"}, {}, "unknown member 'heads' in CreatePullRequestOption"),
            (good | {"title": 3}, {}, "title: 3 is not of type 'string'"),
            (None, {"status": "open"}, "unknown query parameter 'status'"),
        ):
            self.call("POST" if body else "GET", "/repos/stagex/stagex/pulls", "bob", body, **query)
            self.assertIn(expected, self.violations())

    def test_states_that_forgejo_does_not_know_are_noted(self):
        commit = self.repositories.branch("stagex/stagex", "main")
        post = lambda state: self.call("POST", f"/repos/stagex/stagex/statuses/{commit}", "alice", {"state": state})
        post("success")
        self.assertEqual(self.violations(), "")
        post("happy")
        self.assertIn("state='happy' is no known value", self.violations())

    def test_an_unknown_path_is_noted(self):
        self.assertEqual(self.call("GET", "/repos/stagex/stagex/nothing")[0], 404)
        self.assertIn("no such operation", self.violations())


if __name__ == "__main__":
    unittest.main()
