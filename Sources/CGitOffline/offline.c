/* libgit2 without its network: filled in by GitBridge. */
