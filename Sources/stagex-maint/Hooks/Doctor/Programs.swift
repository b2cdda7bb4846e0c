internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// Programs on the PATH.
enum Programs {
  static func find(_ name: String) -> String? {
    (ProcessEnvironment.current["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first { $0.hasPrefix("/") && (unsafe access($0, X_OK)) == 0 }
  }
}

extension HookExamination {
  /// The program that the hook runs: filled into its file, else the setting, else on the PATH.
  var program: String? {
    filledIn ?? repository.config("maint.program").flatMap { $0.isEmpty ? nil : expanded($0) }
      ?? Programs.find("stagex-maint")
  }

  private var filledIn: String? {
    (try? HookPlaces.readFile(places.ours(of: hook))).flatMap { $0 }.flatMap { HookPlaces.program(filledInto: $0) }
  }

  private func expanded(_ path: String) -> String {
    path.hasPrefix("~/") ? (ProcessEnvironment.current["HOME"] ?? "") + path.dropFirst() : path
  }

  mutating func lookAtProgram() {
    let place = places.ours(of: hook)
    let configured = repository.config("maint.program").map(expanded)
    if let filledIn, let configured, configured != filledIn {
      findings.add(
        "program-not-looked-at", .advice,
        """
        the hook runs \(printable(filledIn)), and maint.program names \(printable(configured)), \
        which it does not look at
        """,
        next: "stagex-maint hook install, by the program that is to judge")
    } else if filledIn == nil, configured == nil {
      findings.add(
        "program-on-path", .advice, "maint.program is not set: the hook looks for stagex-maint on the server's PATH",
        next: "stagex-maint hook install, which writes the program's path into the hook")
    }
    if let program {
      let namedBy = filledIn != nil ? printable(place) : "maint.program"
      lookAt(program, namedBy: namedBy)
    }
    if repository.config("maint.engine") != "native", Programs.find("gpg") == nil {
      findings.add(
        "no-gpg", .refuses, "gpg is not on the PATH: the second engine cannot judge, and every push is refused",
        next: "apt-get install gnupg")
    }
  }

  private mutating func lookAt(_ program: String, namedBy: String) {
    var (theirs, ours) = (stat(), stat())
    guard program.hasPrefix("/"), unsafe access(program, X_OK) == 0, unsafe stat(program, &theirs) == 0,
      theirs.st_mode & S_IFMT == S_IFREG
    else {
      findings.add(
        "no-program", .refuses, "\(namedBy) names \(printable(program)), which cannot be run: every push is refused",
        next: "stagex-maint hook install, by the program that is to judge")
      return
    }
    if unsafe stat("/proc/self/exe", &ours) == 0, theirs.st_dev == ours.st_dev, theirs.st_ino == ours.st_ino { return }
    let told = try? ChildProgram("timeout", environment: ProcessEnvironment.current)
      .run(["10", program, "--version"], outputLimit: 4096)
    let version = told.map { String(decoding: $0.output.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) } ?? ""
    guard version != Version.text else { return }
    findings.add(
      "other-program", .exposed,
      """
      \(namedBy) names \(printable(program)), which calls itself "\(printable(version, limit: 60))" \
      and not \(Version.text): what was looked at here is not what judges
      """,
      next: "stagex-maint hook install, by the program that is to judge")
  }
}
