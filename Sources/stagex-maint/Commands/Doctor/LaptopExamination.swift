internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

/// What a maintainer's work needs on the machine it is done on.
struct LaptopExamination {
  struct Finding {
    enum State { case ok, advice, problem }
    let state: State
    let text: String
    let next: String?
  }

  private let environment: [String: String]
  private let repository: Repository?

  /// - Parameter repository: A folder; outside of any repository the settings of one are not looked at.
  init(environment: [String: String], repository: String) {
    self.environment = environment
    self.repository = try? Repository.open(path: repository)
  }

  func findings() -> [Finding] {
    [
      Finding(state: .ok, text: "stagex-maint \(Version.text), libgit2 \(Repository.libraryVersion)", next: nil),
      git, gpg, agent, scdaemon, pinentry, card, curl, name, signingKey, format, trustRoot, registered,
    ].compactMap(\.self)
  }

  private func ok(_ text: String) -> Finding { Finding(state: .ok, text: text, next: nil) }
  private func advice(_ text: String, _ next: String) -> Finding { Finding(state: .advice, text: text, next: next) }
  private func problem(_ text: String, _ next: String) -> Finding { Finding(state: .problem, text: text, next: next) }

  /// What a program prints; nil where it cannot be run or fails.
  private func said(_ name: String, _ arguments: String...) -> String? {
    guard let result = try? ChildProgram(name, environment: environment).run(arguments, outputLimit: 1 << 20),
      result.status == 0
    else { return nil }
    return String(decoding: result.output, as: UTF8.self)
  }

  private func firstLine(_ text: String) -> String {
    printable(text.split(separator: "\n").first.map(String.init) ?? "", limit: 80)
  }

  /// The numbers in "git version 2.39.5".
  private func version(_ line: String) -> [Int] {
    (line.split(separator: " ").first { $0.first?.isNumber ?? false } ?? "").split { $0 == "." || $0 == "-" }.map {
      Int($0) ?? 0
    }
  }

  private var git: Finding {
    guard let line = said("git", "--version").map(firstLine) else {
      return problem("git is not on the PATH", "apt-get install git")
    }
    // Debian 11 has 2.30; older ones are not tried.
    if version(line).lexicographicallyPrecedes([2, 30]) {
      return problem("\(line) is too old", "install git 2.39 or newer")
    }
    guard version(line).lexicographicallyPrecedes([2, 39]) else { return ok(line) }
    return advice(
      "\(line) cannot do a merge again: where it is asked, a merge counts as content", "install git 2.39 or newer")
  }

  private var gpg: Finding {
    guard let line = said("gpg", "--version").map(firstLine) else {
      return problem("gpg is not on the PATH", "apt-get install gnupg")
    }
    return version(line).lexicographicallyPrecedes([2, 2])
      ? problem("\(line) is too old for cards", "install GnuPG 2.2 or newer") : ok(line)
  }

  private func folder(_ kind: String) -> String? {
    said("gpgconf", "--list-dirs", kind)?.split(separator: "\n").first.map(String.init)
  }

  /// Where GnuPG has one of its programs.
  private func component(_ name: String) -> String? {
    let components = said("gpgconf", "--list-components") ?? ""
    return components.split(separator: "\n").first { $0.hasPrefix("\(name):") }?.split(separator: ":").last.map(
      String.init)
  }

  private var agent: Finding? {
    guard let socket = folder("agent-socket") else { return nil }
    guard said("gpg-connect-agent", "--no-autostart", "GETINFO version", "/bye")?.contains("OK") ?? false else {
      return advice("gpg-agent is not running yet; gpg starts it", "gpgconf --launch gpg-agent")
    }
    return ok("gpg-agent at \(printable(socket))")
  }

  private var scdaemon: Finding? {
    guard let place = component("scdaemon"), unsafe access(place, X_OK) == 0 else {
      return problem("there is no scdaemon: gpg cannot talk to cards", "apt-get install scdaemon")
    }
    return ok("scdaemon at \(printable(place))")
  }

  private var pinentry: Finding? {
    guard let place = component("pinentry"), unsafe access(place, X_OK) == 0 else {
      return problem("there is no pinentry: no PIN can be asked for", "apt-get install pinentry-curses")
    }
    if (environment["GPG_TTY"] ?? "").isEmpty, (environment["DISPLAY"] ?? environment["WAYLAND_DISPLAY"] ?? "").isEmpty
    {
      return advice(
        "pinentry at \(printable(place)), and GPG_TTY is not set: it may find no terminal", "export GPG_TTY=$(tty)")
    }
    return ok("pinentry at \(printable(place))")
  }

  private var card: Finding {
    let lines = (said("gpg", "--batch", "--card-status", "--with-colons") ?? "").split(separator: "\n").map {
      $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    }
    guard let serial = lines.first(where: { $0.first == "serial" })?[1], !serial.isEmpty else {
      return advice("no card in a reader", "put the card in, then: stagex-maint card status")
    }
    guard let key = lines.first(where: { $0.first == "fpr" })?[1], !key.isEmpty else {
      return problem("the card \(printable(serial)) holds no signing key", "gpg --edit-key KEY, then addcardkey")
    }
    return ok("card \(printable(serial)), signs with \(printable(key))")
  }

  private var curl: Finding {
    guard let line = said("curl", "-q", "--version").map(firstLine) else {
      return problem("curl is not on the PATH: neither forges nor key servers can be asked", "apt-get install curl")
    }
    return ok(printable(line.split(separator: "(").first.map(String.init) ?? line).trimmingSpaces)
  }

  private func setting(_ key: String) -> String? {
    if let repository { return repository.config(key) }
    return said("git", "config", "--get", key)?.split(separator: "\n").first.map(String.init)
  }

  private var name: Finding {
    guard let name = setting("user.name"), let mail = setting("user.email") else {
      return problem(
        "git does not know your name or address",
        "git config --global user.name NAME && git config --global user.email ADDRESS")
    }
    return ok("you are \(printable(name)) <\(printable(mail))>")
  }

  private var signingKey: Finding {
    guard let key = setting("user.signingkey") else {
      return problem("git does not know which key you sign with", "git config --global user.signingkey FINGERPRINT")
    }
    guard let fingerprint = Fingerprint(hex: key.hasSuffix("!") ? String(key.dropLast()) : key) else {
      return advice(
        "user.signingkey is \(printable(key)), which is no full fingerprint: another key may match it",
        "git config --global user.signingkey FINGERPRINT")
    }
    guard said("gpg", "--batch", "--with-colons", "--list-secret-keys", fingerprint.hex) != nil else {
      return problem(
        "gpg has no secret key \(fingerprint), nor a card that holds it",
        "gpg --card-edit, then fetch; or gpg --card-status with the card in")
    }
    return ok("you sign with \(fingerprint)")
  }

  private var format: Finding? {
    guard let format = setting("gpg.format"), format != "openpgp" else { return nil }
    return problem(
      "gpg.format is \(printable(format)): git signs with something that no maintainer's key is",
      "git config --global gpg.format openpgp")
  }

  private var trustRoot: Finding? {
    guard let repository else { return nil }
    guard let root = repository.config("maint.trustRoot") else {
      return advice("maint.trustRoot is not set here", "stagex-maint init")
    }
    guard let id = ObjectID(hexString: root), (try? repository.kind(of: id)) == .commit else {
      return problem(
        "maint.trustRoot is \(printable(root)), which is no commit here",
        "git fetch, or ask another maintainer for the id")
    }
    return ok("everything after \(id.short) is judged here")
  }

  /// Whether the person is somebody who counts, by the registry of this repository.
  private var registered: Finding? {
    guard let repository, let tree = repository.workTree,
      let registry = try? Registry.readIfPresent(folder: tree.trimmingSlash)
    else { return nil }
    let policy = (try? Policy.read(folder: tree.trimmingSlash)) ?? .standard
    if let nobody = registry.nobodyCounts(needing: policy.evidence) {
      return problem("nobody counts here: \(nobody.reason)", nobody.next)
    }
    guard let key = setting("user.signingkey"),
      let fingerprint = Fingerprint(hex: key.hasSuffix("!") ? String(key.dropLast()) : key),
      let entry = registry.keys.first(where: {
        $0.fingerprint == fingerprint
          || registry.certificates[$0.fingerprint]?.fingerprints.contains(fingerprint) ?? false
      })
    else {
      return advice(
        "your signing key is none that \(MaintainersFile.path) lists: your signature does not count here",
        "stagex-maint keys list")
    }
    guard registry.disqualification(of: entry, needing: policy.evidence) == nil else {
      return problem("you are \(printable(entry.person)), and your key does not count", "stagex-maint keys audit")
    }
    return ok("you are \(printable(entry.person)), and your signature counts")
  }
}

extension String {
  fileprivate var trimmingSpaces: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
