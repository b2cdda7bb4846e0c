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

    def test_git_is_answered_from_another_repository(self):
        self.hostile({"path": r"/stagex/stagex\.git/(info/refs|git-upload-pack)$", "do": {"serve": "bob/stagex"}})
        self.assertIn("refs/heads/topic", self.git("ls-remote", self.remote("alice", "stagex/stagex")))
        self.hostile()
        self.assertNotIn("refs/heads/topic", self.git("ls-remote", self.remote("alice", "stagex/stagex")))

    def test_a_push_that_goes_nowhere(self):
        self.hostile({"path": r"/stagex/stagex\.git/git-receive-pack$", "do": {"serve": "bob/stagex"}})
        self.push("alice", "stagex/stagex", "topic:refs/heads/new", fails=True)  # it is not alice's repository
        self.assertIsNone(self.repositories.branch("stagex/stagex", "new"))

    def test_a_tip_that_is_not_there_only_where_it_is_listed(self):
        lie = {"serve": "stagex/stagex", "rewrite": {self.head: "1" * 40}}
        self.hostile({"path": "git-upload-pack$", "body": "command=ls-refs", "skip": 1, "do": lie})
        remote = self.remote("alice", "stagex/stagex")
        self.assertIn(self.head, self.git("ls-remote", remote))
        self.assertIn("1" * 40, self.git("ls-remote", remote))

    def test_another_pack_than_asked_for(self):
        self.hostile({"path": "git-upload-pack$", "body": "command=fetch", "do": {"pack": [self.head]}})
        place = self.root + "/cloned"
        self.git("clone", "-q", self.remote("alice", "stagex/stagex"), place, fails=True)
        self.hostile()
        self.git("clone", "-q", self.remote("alice", "stagex/stagex"), place)


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
