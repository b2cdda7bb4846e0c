import unittest

from tests.case import ForgeCase
from testforge.store import Store

REPO = "/repos/stagex/stagex"


class Pulls(ForgeCase):
    def test_a_pull_request_from_a_fork(self):
        head = self.push_topic()
        pull = self.create_pull()
        self.assertEqual((pull["number"], pull["state"], pull["flow"], pull["merged"]), (1, "open", 0, False))
        self.assertEqual((pull["head"]["sha"], pull["head"]["ref"]), (head, "topic"))
        self.assertEqual(pull["head"]["repo"]["clone_url"], f"{self.server.base}/bob/stagex.git")
        self.assertEqual(pull["base"]["ref"], "staging")
        self.git("fetch", "-q", self.remote("carol", "stagex/stagex"), "refs/pull/1/head")
        self.assertEqual(self.git("rev-parse", "FETCH_HEAD"), head)

    def test_the_ref_follows_the_fork(self):
        self.push_topic()
        self.create_pull()
        second = self.commit("second")
        self.push("bob", "bob/stagex", "topic")
        self.assertEqual(self.pull(1)["head"]["sha"], second)
        self.assertEqual(self.repositories.resolve("stagex/stagex", "refs/pull/1/head"), second)

    def test_the_ref_lags_behind_when_the_queue_is_stuck(self):
        first = self.push_topic()
        self.create_pull()
        with Store(self.root) as store:
            store.repositories["stagex/stagex"]["hold_sync"] = True
        second = self.commit("second")
        self.push("bob", "bob/stagex", "topic")
        self.assertEqual(self.pull(1)["head"]["sha"], second)
        self.assertEqual(self.repositories.resolve("stagex/stagex", "refs/pull/1/head"), first)

    def test_refusals_of_a_pull_request(self):
        self.push_topic()
        self.create_pull()
        good = {"title": "x", "head": "bob:topic", "base": "main"}
        for change, user, status in (
            ({}, "bob", 201),
            ({"base": "staging"}, "bob", 409),
            ({"head": "bob:nope"}, "bob", 404),
            ({"base": "nope"}, "bob", 404),
            ({"title": ""}, "bob", 422),
            ({}, None, 401),
        ):
            self.assertEqual(self.call("POST", REPO + "/pulls", user, good | change)[0], status, change)
        self.assertEqual(self.call("GET", REPO + "/pulls/99")[0], 404)

    def test_lists_come_in_pages(self):
        self.push_topic()
        for base in ("staging", "main"):
            self.create_pull(base=base)
        status, pulls, headers = self.call("GET", REPO + "/pulls", state="open", limit=1)
        self.assertEqual(([p["number"] for p in pulls], headers["X-Total-Count"]), ([2], "2"))
        following = headers["Link"].split(">")[0].lstrip("<")
        self.assertIn('rel="next"', headers["Link"])
        self.assertEqual([p["number"] for p in self.fetch("GET", following)[1]], [1])

    def test_a_deleted_fork_leaves_the_ref(self):
        head = self.push_topic()
        self.create_pull()
        with Store(self.root) as store:
            del store.repositories["bob/stagex"]
        found = self.pull(1)["head"]
        self.assertEqual((found["repo"], found["repo_id"]), (None, -1))
        self.assertEqual((found["ref"], found["sha"]), ("refs/pull/1/head", head))


class Merging(ForgeCase):
    def merge(self) -> str:
        self.git("checkout", "-q", "staging")
        self.git("merge", "-q", "--no-ff", "-m", "Merge PR 1", "topic")
        self.push("alice", "stagex/stagex", "staging")
        return self.git("rev-parse", "HEAD")

    def tell(self, user: str, commit: str) -> int:
        body = {"Do": "manually-merged", "MergeCommitID": commit}
        return self.call("POST", REPO + "/pulls/1/merge", user, body)[0]

    def test_a_writer_tells_the_forge_of_a_merge_that_was_pushed(self):
        self.push_topic()
        self.create_pull()
        merge = self.merge()
        self.assertEqual(self.pull(1)["state"], "open")
        self.assertEqual(self.call("GET", REPO + "/pulls/1/merge")[0], 404)
        self.assertEqual(self.tell("bob", merge), 405)
        self.assertEqual(self.tell("alice", "0" * 40), 409)
        self.assertEqual(self.tell("alice", merge), 200)
        pull = self.pull(1)
        self.assertEqual((pull["state"], pull["merged"], pull["merge_commit_sha"]), ("closed", True, merge))
        self.assertEqual(self.call("GET", REPO + "/pulls/1/merge")[0], 204)

    def test_not_when_the_repository_does_not_allow_it(self):
        self.push_topic()
        self.create_pull()
        with Store(self.root) as store:
            store.repositories["stagex/stagex"]["manual_merge"] = False
        self.assertEqual(self.tell("alice", self.merge()), 405)

    def test_autodetection_closes_what_was_merged(self):
        with Store(self.root) as store:
            store.repositories["stagex/stagex"]["autodetect"] = True
        self.push_topic()
        self.create_pull()
        self.assertEqual(self.pull(1)["state"], "open")
        merge = self.merge()
        pull = self.pull(1)
        self.assertEqual((pull["state"], pull["merge_commit_sha"]), ("closed", merge))


class Permissions(ForgeCase):
    def test_a_reader_and_a_stranger_push_no_branch(self):
        self.commit("two")
        refused = "User permission denied for writing"
        self.assertIn(refused, self.push("carol", "stagex/stagex", "HEAD:refs/heads/evil", fails=True))
        self.assertIn(refused, self.push("carol", "stagex/stagex", "HEAD:refs/pull/1/head", fails=True))
        anonymous = f"{self.server.base}/stagex/stagex.git"
        self.assertIn("could not read Username", self.git("push", anonymous, "HEAD:evil", fails=True))
        self.push("alice", "stagex/stagex", "HEAD:refs/heads/good")

    def test_maintainers_push_to_a_fork_only_when_its_owner_lets_them(self):
        self.push_topic()
        self.create_pull()
        adopt = self.commit("Adopt")
        self.assertIn("denied", self.push("alice", "bob/stagex", "HEAD:topic", fails=True))
        lend = lambda user: self.call("PATCH", REPO + "/pulls/1", user, {"allow_maintainer_edit": True})[0]
        self.assertEqual(lend("alice"), 403)
        self.assertEqual(lend("bob"), 201)
        self.push("alice", "bob/stagex", "HEAD:topic")
        self.assertEqual(self.pull(1)["head"]["sha"], adopt)
        self.assertIn("denied", self.push("alice", "bob/stagex", "HEAD:main", fails=True))
        self.commit("another")
        self.assertIn("denied", self.push("carol", "bob/stagex", "HEAD:topic", fails=True))

    def test_a_wrong_password_opens_nothing(self):
        self.users["alice"] = dict(self.users["alice"], password="wrong", token="wrong")
        self.assertIn("Authentication failed", self.push("alice", "stagex/stagex", "HEAD:x", fails=True))
        self.assertEqual(self.call("GET", "/user", "alice")[0], 401)


class Agit(ForgeCase):
    def propose(self, user: str, target: str, *options: str, fails: bool = False) -> str:
        arguments = [part for option in options for part in ("-o", option)]
        return self.git("push", *arguments, self.remote(user, "stagex/stagex"), f"HEAD:refs/for/{target}", fails=fails)

    def setUp(self):
        super().setUp()
        self.git("checkout", "-q", "-b", "proposal", "staging")
        self.head = self.commit("agit one")

    def test_a_reader_proposes_without_a_fork(self):
        self.assertIn("refs/pull/1/head", self.propose("carol", "staging/topic", "title=AGit title", "description=d"))
        pull = self.pull(1)
        self.assertEqual((pull["flow"], pull["title"], pull["body"]), (1, "AGit title", "d"))
        self.assertEqual(pull["user"]["login"], "carol")
        head = pull["head"]
        self.assertEqual((head["ref"], head["sha"], head["label"]), ("refs/pull/1/head", self.head, ""))
        self.assertEqual(head["repo"]["full_name"], "stagex/stagex")

    def test_a_second_push_updates_and_a_rewrite_needs_force(self):
        self.propose("carol", "staging/topic")
        self.git("commit", "-q", "--amend", "--allow-empty", "-m", "rewritten")
        self.assertIn("force-push", self.propose("carol", "staging/topic", fails=True))
        self.propose("carol", "staging/topic", "force-push=true")
        self.assertEqual(self.pull(1)["head"]["sha"], self.git("rev-parse", "HEAD"))
        self.assertIn("same as the old", self.propose("carol", "staging/topic", "force-push=true", fails=True))

    def test_what_is_no_proposal(self):
        self.assertIn("topic-branch option is not set", self.propose("carol", "staging", fails=True))
        self.assertIn("Unexpected ref", self.propose("carol", "nowhere/topic", fails=True))
        self.git("checkout", "-q", "staging")
        self.assertIn("already contains", self.propose("carol", "staging/topic", fails=True))

    def test_a_writer_adds_a_commit_by_pushing_to_the_ref(self):
        self.propose("carol", "staging/topic")
        adopt = self.commit("Adopt")
        self.push("alice", "stagex/stagex", "HEAD:refs/pull/1/head")
        self.assertEqual(self.pull(1)["head"]["sha"], adopt)

    def test_another_person_with_the_same_topic_opens_another_one(self):
        self.propose("carol", "staging/topic")
        self.propose("bob", "staging/topic")
        self.assertEqual(self.pull(2)["user"]["login"], "bob")


if __name__ == "__main__":
    unittest.main()
