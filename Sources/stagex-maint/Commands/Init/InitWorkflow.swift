internal import GitBridge
internal import Review

/// The file that makes a CI run the gate.
extension InitSteps {
  mutating func workflow(_ choice: InitCommand.CIChoice, program: String?, sum: String?, image: String) throws {
    let kind = choice == .auto ? guess() : CIKind(rawValue: choice.rawValue)
    title("CI: \(kind?.rawValue ?? "none")")
    guard let kind else {
      return line(
        choice == .none
          ? "as you say" : "no forge is known here; name one with --ci forgejo, github, gitlab or woodpecker")
    }
    let path = "\(tree)/\(kind.path)"
    if try HookPlaces.readFile(path) != nil {
      workflowPath = kind.path
      return line("there: \(kind.path)")
    }
    line("its gate says of each request whose merge would satisfy the rule")
    guard let program, let sum else {
      return line(
        """
        it fetches this program by address and sum, which a release names: \
        stagex-maint init --ci \(kind.rawValue) --ci-program URL --ci-sha256 SUM
        """)
    }
    guard let trusted else { return line("it names the trust root, which is not set yet") }
    let values = CIValues(
      program: program, sum: sum, image: image, trustRoot: trusted.hex, lead: leadBranch ?? "main",
      branches: Templates.branches)
    let content = try values.filling(EmbeddedFiles.workflow(kind))
    try file(path, content)
    workflowPath = kind.path
    line(kind.advice)
  }

  /// By what lies in the work tree, else by the remote's host.
  private func guess() -> CIKind? {
    for kind in CIKind.allCases where kind.traces.contains(where: { exists("\(tree)/\($0)") }) { return kind }
    return hosted
  }

  /// The forge that somebody else runs, and that runs no hook of ours, where the remote is on one.
  var hosted: CIKind? {
    let remote = repository.config("maint.remote") ?? "origin"
    guard let url = repository.config("remote.\(remote).url") else { return nil }
    return CIKind.allCases.first { kind in
      kind.hosts.contains { url.contains("//\($0)/") || url.contains("@\($0):") || url.contains("@\($0)/") }
    }
  }

  private func exists(_ path: String) -> Bool { HookPlaces.exists(path) }
}
