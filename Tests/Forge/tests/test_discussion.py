import unittest

from tests.case import ForgeCase

REPO = "/repos/stagex/stagex"


class Discussion(ForgeCase):
    def setUp(self):
        super().setUp()
        self.head = self.push_topic()
        self.create_pull()

    def test_comments_are_kept_and_edited(self):
        status, comment, _ = self.call("POST", REPO + "/issues/1/comments", "carol", {"body": "hello"})
        self.assertEqual((status, comment["user"]["login"]), (201, "carol"))
        edit = lambda user: self.call("PATCH", f"{REPO}/issues/comments/{comment['id']}", user, {"body": "bye"})[0]
        self.assertEqual(edit("bob"), 403)
        self.assertEqual(edit("carol"), 200)
        self.assertEqual([c["body"] for c in self.call("GET", REPO + "/issues/1/comments")[1]], ["bye"])

    def test_only_writers_post_statuses_and_the_worst_one_stands(self):
        post = lambda user, state, context: self.call(
            "POST", f"{REPO}/statuses/{self.head}", user, {"state": state, "context": context, "description": "d"}
        )[0]
        self.assertEqual(post("carol", "success", "a"), 403)
        for state in ("pending", "success"):
            self.assertEqual(post("alice", state, "a"), 201)
        self.assertEqual(self.call("GET", f"{REPO}/commits/{self.head}/status")[1]["state"], "success")
        post("alice", "failure", "b")
        combined = self.call("GET", f"{REPO}/commits/{self.head}/status")[1]
        self.assertEqual((combined["state"], combined["total_count"]), ("failure", 2))

    def test_nobody_approves_their_own(self):
        review = lambda user: self.call("POST", REPO + "/pulls/1/reviews", user, {"event": "APPROVED", "body": "ok"})[0]
        self.assertEqual(review("bob"), 422)
        self.assertEqual(review("alice"), 200)

    def test_commits_and_files(self):
        commits = self.call("GET", REPO + "/pulls/1/commits")[1]
        self.assertEqual([c["sha"] for c in commits], [self.head])
        self.assertEqual(self.call("GET", REPO + "/pulls/1/files")[1], [])


if __name__ == "__main__":
    unittest.main()
