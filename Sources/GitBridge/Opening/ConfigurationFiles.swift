internal import Clibgit2

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Where git's settings of the machine and of the user are read from.
///
/// libgit2 would search for itself, but knows fewer of git's variables and changes with its version.
/// The order and the variables are those of git-config(1), FILES and ENVIRONMENT.
package struct ConfigurationFiles: Sendable, Equatable {
  /// The machine's file; nil when there is to be none.
  package var system: String?
  /// The user's files, weakest first.
  package var user: [String]

  package init(system: String?, user: [String]) {
    self.system = system
    self.user = user
  }

  /// No file of the machine or the user: for tests, and for whoever must not depend on them.
  package static let none = ConfigurationFiles(system: nil, user: [])

  /// What git itself would read with these environment variables.
  package init(environment: [String: String]) {
    let none = environment["GIT_CONFIG_NOSYSTEM"] ?? ""
    let isRead = ["", "0", "false", "no", "off"].contains(none.lowercased())
    system = isRead ? environment["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig" : nil
    if let chosen = environment["GIT_CONFIG_GLOBAL"] {
      user = chosen.isEmpty ? [] : [chosen]
      return
    }
    user = []
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
    if let xdg = environment["XDG_CONFIG_HOME"], !xdg.isEmpty {
      user.append(xdg + "/git/config")
    } else if let home {
      user.append(home + "/.config/git/config")
    }
    if let home { user.append(home + "/.gitconfig") }
  }

  /// What git would read in this process.
  package static var ofThisProcess: ConfigurationFiles {
    var environment: [String: String] = [:]
    for name in ["GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL", "HOME", "XDG_CONFIG_HOME"] {
      if let value = unsafe getenv(name) { environment[name] = unsafe String(cString: value) }
    }
    return ConfigurationFiles(environment: environment)
  }
}
