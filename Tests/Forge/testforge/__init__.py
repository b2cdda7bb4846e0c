"""A forge for tests: Forgejo's REST interface over real git repositories. See ../README.md."""
