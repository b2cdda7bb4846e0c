import http.client
import time
import unittest

from tests.case import ForgeCase

PULL = r"/pulls/1$"


class Hostile(ForgeCase):
    def setUp(self):
        super().setUp()
        self.head = self.push_topic()
        self.create_pull()

    def test_a_lie_about_the_head(self):
        self.hostile({"path": PULL, "times": 1, "do": {"patch": {"head.sha": "1" * 40, "title": "\x1b[2J"}}})
        self.assertEqual((self.pull(1)["head"]["sha"], self.pull(1)["head"]["sha"]), ("1" * 40, self.head))

    def test_a_head_that_moves_between_two_calls(self):
        other = self.repositories.branch("stagex/stagex", "main")
        move = {"repository": "bob/stagex", "ref": "refs/heads/topic", "commit": other}
        self.hostile({"path": PULL, "skip": 1, "times": 1, "do": {"move": move}})
        self.assertEqual([self.pull(1)["head"]["sha"] for _ in range(3)], [self.head, other, other])

    def test_answers_of_its_own(self):
        reply = {"status": 429, "headers": {"Retry-After": "1"}, "body": "slow down"}
        self.hostile({"path": PULL, "times": 1, "do": {"reply": reply}})
        status, text, headers = self.call("GET", "/repos/stagex/stagex/pulls/1")
        self.assertEqual((status, text, headers["Retry-After"]), (429, "slow down", "1"))
        self.assertEqual(self.call("GET", "/repos/stagex/stagex/pulls/1")[0], 200)

    def test_slow_and_cut_off_answers(self):
        self.hostile({"path": PULL, "times": 1, "do": {"delay": 0.2}})
        start = time.monotonic()
        self.pull(1)
        self.assertGreaterEqual(time.monotonic() - start, 0.2)
        self.hostile({"path": PULL, "do": {"truncate": 10}})
        with self.assertRaises(http.client.IncompleteRead):
            self.pull(1)

    def test_an_answer_without_end(self):
        self.hostile({"path": PULL, "do": {"endless": True}})
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=5)
        connection.request("GET", "/api/v1/repos/stagex/stagex/pulls/1")
        self.assertEqual(len(connection.getresponse().read(3_000_000)), 3_000_000)
        connection.close()


class OtherForges(ForgeCase):
    def test_github_and_gitlab_shapes(self):
        head = self.push_topic()
        self.create_pull()
        github = self.fetch("GET", f"{self.server.base}/api/v3/repos/stagex/stagex/pulls/1", "alice")[1]
        self.assertEqual((github["head"]["sha"], github["maintainer_can_modify"]), (head, False))
        gitlab = self.fetch("GET", f"{self.server.base}/api/v4/projects/stagex%2Fstagex/merge_requests/1")[1]
        self.assertEqual((gitlab["sha"], gitlab["state"], gitlab["iid"]), (head, "opened", 1))
        source = self.fetch("GET", f"{self.server.base}/api/v4/projects/{gitlab['source_project_id']}")[1]
        self.assertEqual(source["path_with_namespace"], "bob/stagex")


if __name__ == "__main__":
    unittest.main()
