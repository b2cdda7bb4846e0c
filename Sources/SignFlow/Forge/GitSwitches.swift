/// What git is told at each start, so that no program runs with it which a repository, a request, or a path relative to
/// a work tree names.
///
/// The settings go by the environment (git-config(1), GIT_CONFIG_COUNT) and not by `-c`: there a driver whose name
/// holds an equals sign would escape. What is the person's own way to the server stays: ssh command, proxy, credential
/// helper.
enum GitSwitches {
  /// The same for every repository.
  static let fixed: [(key: String, value: String)] = [
    // A path such as ".githooks" is looked for in the work tree, where it would be the pull request's own program.
    ("core.hooksPath", "/dev/null"), ("core.fsmonitor", "false"), ("core.untrackedCache", "false"),
    ("core.attributesFile", "/dev/null"), ("core.alternateRefsCommand", "true"),
    ("core.pager", "cat"), ("core.editor", "false"), ("core.quotePath", "true"),
    ("commit.gpgSign", "false"), ("tag.gpgSign", "false"), ("push.gpgSign", "false"),
    ("merge.verifySignatures", "false"),
    ("log.showSignature", "false"), ("gpg.program", "false"), ("gpg.openpgp.program", "false"),
    ("gpg.x509.program", "false"),
    ("gpg.ssh.program", "false"), ("gpg.ssh.defaultKeyCommand", "false"),
    ("submodule.recurse", "false"), ("fetch.recurseSubmodules", "false"), ("push.recurseSubmodules", "no"),
    ("diff.submodule", "short"), ("diff.ignoreSubmodules", "none"), ("status.submoduleSummary", "false"),
    ("merge.default", "text"), ("merge.stat", "false"), ("merge.autoStash", "false"), ("merge.ff", "true"),
    ("protocol.ext.allow", "never"), ("gc.auto", "0"), ("maintenance.auto", "false"), ("init.templateDir", ""),
    ("rerere.enabled", "false"),
  ]

  /// Only what speaks to a server may ask for passwords, and so run helpers.
  static let withoutNetwork: [(key: String, value: String)] = [("credential.helper", "")]

  /// Drivers have names of anybody's choice, so they are looked up in the settings and put out of force one by one.
  ///
  /// - Parameter keys: Every key that is set, as `git config --list --name-only -z` has them.
  static func drivers(_ keys: [String]) -> [(key: String, value: String)] {
    var off: [(key: String, value: String)] = []
    var filters: Set<String> = []
    for key in keys {
      if key.hasPrefix("filter.") {
        for part in [".clean", ".smudge", ".process"] where key.hasSuffix(part) {
          // Empty: no filter (git's convert.c).
          off.append((key, ""))
          filters.insert(String(key.dropLast(part.count)))
        }
      } else if key.hasPrefix("merge."), key.hasSuffix(".driver") {
        // An empty driver would silently keep one side; this is git's own merge of texts.
        off.append((key, "git merge-file --marker-size=%L %A %O %B"))
      } else if key.hasPrefix("diff."), key.hasSuffix(".cachetextconv") {
        off.append((key, "false"))
      }
    }
    return off + filters.sorted().map { ($0 + ".required", "false") }
  }

  /// The variables that carry settings to git.
  static func variables(_ settings: [(key: String, value: String)]) -> [String: String] {
    var variables = ["GIT_CONFIG_COUNT": String(settings.count)]
    for (index, setting) in settings.enumerated() {
      variables["GIT_CONFIG_KEY_\(index)"] = setting.key
      variables["GIT_CONFIG_VALUE_\(index)"] = setting.value
    }
    return variables
  }
}
