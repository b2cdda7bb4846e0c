internal import Clibgit2

/// An opened stack of configuration files. Owns libgit2's handle.
@safe struct Configuration: ~Copyable {
  let handle: OpaquePointer

  private init(taking handle: OpaquePointer) { unsafe self.handle = handle }

  /// The files of the machine and the user, then, when there is one, the repository's own.
  static func open(_ files: ConfigurationFiles, repository: OpaquePointer?) throws(GitError) -> Configuration {
    var opened: OpaquePointer?
    try Library.check("open the configuration", unsafe git_config_new(&opened))
    guard let opened = unsafe opened else { throw Library.failure("open the configuration", -1) }
    let configuration = unsafe Configuration(taking: opened)
    if let system = files.system { try unsafe configuration.add(system, GIT_CONFIG_LEVEL_SYSTEM, repository) }
    // libgit2 keeps one file for each level: the user's weaker file takes the level below.
    for (path, level) in zip(files.user.suffix(2).reversed(), [GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG]) {
      try unsafe configuration.add(path, level, repository)
    }
    if let repository = unsafe repository {
      if let common = unsafe git_repository_commondir(repository) {
        try unsafe configuration.add(String(cString: common) + "config", GIT_CONFIG_LEVEL_LOCAL, repository)
      }
      if configuration.bool("extensions.worktreeconfig") == true, let own = unsafe git_repository_path(repository) {
        try unsafe configuration.add(String(cString: own) + "config.worktree", GIT_CONFIG_LEVEL_APP, repository)
      }
    }
    return configuration
  }

  deinit { unsafe git_config_free(handle) }

  /// The settings as they are now. What is opened on disk is looked at for changes at each question: four files, and a
  /// hook asks thirty.
  consuming func fixed() throws(GitError) -> Configuration {
    var fixed: OpaquePointer?
    try Library.check("read the configuration", unsafe git_config_snapshot(&fixed, handle))
    guard let fixed = unsafe fixed else { throw Library.failure("read the configuration", -1) }
    return unsafe Configuration(taking: fixed)
  }

  private func add(_ path: String, _ level: git_config_level_t, _ repository: OpaquePointer?) throws(GitError) {
    let status = unsafe git_config_add_file_ondisk(handle, path, level, repository, 0)
    if status != Code.notFound { try Library.check("read \(path)", status) }
  }

  /// The value that wins, as text; nil when the key is not set.
  func string(_ key: String) -> String? {
    var buffer = unsafe git_buf()
    defer { unsafe git_buf_dispose(&buffer) }
    guard unsafe git_config_get_string_buf(&buffer, handle, key) == 0, let text = unsafe buffer.ptr else { return nil }
    return unsafe String(cString: text)
  }

  /// True or false as git reads them (`yes`, `on`, `1`, a key without value…); nil when not set or something else.
  func bool(_ key: String) -> Bool? {
    var value: Int32 = 0
    return unsafe git_config_get_bool(&value, handle, key) == 0 ? value != 0 : nil
  }

  /// A number as git reads it (`k`, `m`, `g` multiply by 1024…); nil when not set or no number.
  func int(_ key: String) -> Int64? {
    var value: Int64 = 0
    return unsafe git_config_get_int64(&value, handle, key) == 0 ? value : nil
  }

  /// Every entry whose key matches the regular expression, weakest file first.
  func entries(matching pattern: String) throws(GitError) -> [ConfigurationEntry] {
    var iterator: OpaquePointer?
    try Library.check("read the configuration", unsafe git_config_iterator_glob_new(&iterator, handle, pattern))
    defer { unsafe git_config_iterator_free(iterator) }
    var result: [ConfigurationEntry] = []
    while true {
      var entry: UnsafeMutablePointer<git_config_entry>?
      let status = unsafe git_config_next(&entry, iterator)
      if status == Code.iterationOver { return result }
      try Library.check("read the configuration", status)
      guard let entry = unsafe entry, let name = unsafe entry.pointee.name else { continue }
      let value = unsafe entry.pointee.value.map { unsafe String(cString: $0) }
      result.append(ConfigurationEntry(key: unsafe String(cString: name), value: value ?? ""))
    }
  }
}

/// One line of git's configuration. The key's first and last part are lower case; a key without value has "".
package struct ConfigurationEntry: Sendable, Equatable {
  /// Section and variable in lower case, the part between them as it stands.
  package let key: String
  /// As git reads it, without quotes.
  package let value: String
}
