internal import Clibgit2

extension Repository {
  /// A setting of git's configuration, the repository's before the user's before the machine's; nil when not set.
  package func config(_ key: String) -> String? { configuration.string(key) }

  /// As git reads true and false; nil when not set, or neither.
  package func configBool(_ key: String) -> Bool? { configuration.bool(key) }

  /// As git reads numbers (`k`, `m` and `g` multiply by 1024…); nil when not set, or no number.
  package func configInt(_ key: String) -> Int64? { configuration.int(key) }

  /// Every setting whose key matches a regular expression, the weakest file's first.
  package func configEntries(matching pattern: String) throws(GitError) -> [ConfigurationEntry] {
    try configuration.entries(matching: pattern)
  }

  /// Writes a setting into the repository's own configuration file.
  package func setConfig(_ key: String, _ value: String) throws(GitError) {
    var local: OpaquePointer?
    try Library.check(
      "open the configuration",
      unsafe git_config_open_level(&local, configuration.handle, GIT_CONFIG_LEVEL_LOCAL))
    defer { unsafe git_config_free(local) }
    try Library.check("set \(key)", unsafe git_config_set_string(local, key, value))
  }

  /// Takes a setting out of the repository's own configuration file; does nothing where it is not there.
  package func removeConfig(_ key: String) throws(GitError) {
    var local: OpaquePointer?
    try Library.check(
      "open the configuration",
      unsafe git_config_open_level(&local, configuration.handle, GIT_CONFIG_LEVEL_LOCAL))
    defer { unsafe git_config_free(local) }
    let status = unsafe git_config_delete_entry(local, key)
    if status != Code.notFound { try Library.check("unset \(key)", status) }
  }

  /// The remotes and where they are, in the order of the configuration.
  package func remotes() throws(GitError) -> [Remote] {
    try configuration.entries(matching: "^remote\\..*\\.url$").map { entry in
      Remote(name: String(entry.key.dropFirst("remote.".count).dropLast(".url".count)), url: entry.value)
    }
  }
}

/// Another repository that this one knows by a name.
package struct Remote: Sendable, Equatable {
  /// As the settings have it.
  package let name: String
  /// As the settings have it, from outside.
  package let url: String

  package init(name: String, url: String) {
    self.name = name
    self.url = url
  }
}
