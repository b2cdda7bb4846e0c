/// The environments of the programs that we start: made by us, never simply handed on.
package enum ChildEnvironment {
  /// What git needs to reach the server and the person. No token is among it, and nothing that would turn git to
  /// another repository, other objects or another program.
  static let ofGit: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "TERM", "TMPDIR", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "TZ", "EMAIL",
    "SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GNUPGHOME",
  ]

  /// - Parameter mayPrompt: Whether git may ask the person for a password.
  static func forGit(_ environment: [String: String], mayPrompt: Bool) -> [String: String] {
    var closed = environment.filter { ofGit.contains($0.key) }
    closed["LC_ALL"] = "C"
    // A replacement makes git show another object than the one that is signed.
    closed["GIT_NO_REPLACE_OBJECTS"] = "1"
    closed["GIT_TERMINAL_PROMPT"] = mayPrompt ? "1" : "0"
    closed["GIT_OPTIONAL_LOCKS"] = "0"
    closed["GIT_ATTR_NOSYSTEM"] = "1"
    closed["GIT_LITERAL_PATHSPECS"] = "1"
    // Nothing that we start has anything to be edited.
    closed["GIT_EDITOR"] = "false"
    closed["GIT_SEQUENCE_EDITOR"] = "false"
    return closed
  }

  /// What the tree's own build gets: everything but secrets, and but git's variables that lead to other repositories,
  /// settings or objects.
  ///
  /// Attack: `make digests` runs a program that a package fetched, and the forge's token is in its environment.
  package static func withoutSecrets(_ environment: [String: String]) -> [String: String] {
    environment.filter { !isSecret($0.key, $0.value) && !redirectsGit($0.key) }
  }

  private static let secretWords = [
    "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "APIKEY", "API_KEY", "ACCESS_KEY",
    "PRIVATE_KEY",
    "AUTH_CONFIG", "NETRC", "COOKIE",
  ]
  private static let secretParts: Set<Substring> = ["PAT", "PASS", "AUTH", "KEYS"]
  private static let secretValues = [
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "xoxb-", "xoxp-",
  ]

  /// Whether a variable holds what only its owner should have: by the name, or by what tokens look like.
  package static func isSecret(_ name: String, _ value: String) -> Bool {
    let upper = name.uppercased()
    if upper.hasPrefix("MAINT_") || secretWords.contains(where: { upper.contains($0) }) { return true }
    let parts = upper.split(separator: "_")
    // SSH_AUTH_SOCK leads to an agent that asks its owner; it is no secret itself.
    if upper != "SSH_AUTH_SOCK", parts.contains(where: { secretParts.contains($0) }) { return true }
    return secretValues.contains { value.hasPrefix($0) }
  }

  private static func redirectsGit(_ name: String) -> Bool {
    [
      "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE",
      "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_EXEC_PATH",
      "GIT_EXTERNAL_DIFF", "GIT_PREFIX", "GIT_ATTR_SOURCE",
    ].contains(name) || name.hasPrefix("GIT_CONFIG_KEY_") || name.hasPrefix("GIT_CONFIG_VALUE_")
  }
}
