internal import GitBridge
internal import OpenPGP
internal import Review
internal import SignFlow

/// What key servers know that a registry does not. Nothing is written.
struct CertificateRefresh {
  let asking: FetchOptions
  let console: Console

  /// One sentence for each thing that is new, for each place that did not answer, and one for an end without any.
  ///
  /// - Parameter place: A folder or a revision.
  func notes(about registry: Registry, at place: String?, in repository: String) throws -> [String] {
    guard let list = try list(at: place, in: repository) else {
      return ["--refresh: there is no \(MaintainersFile.path) to take servers from"]
    }
    let findings = try asking.ask(for: try KeysFetch.directions(list), console)
    var notes: [String] = []
    for finding in findings {
      let name = "\(printable(finding.entry.person))'s key \(finding.entry.fingerprint)"
      let news = finding.certificate.map { registry.news(in: $0, now: Clock.now) } ?? []
      notes += news.map {
        "servers know of \(name): \($0); next: stagex-maint keys fetch \(shellWord(finding.entry.person))"
      }
      if finding.answers.allSatisfy({ $0.fault != nil }) { notes.append("nobody could be asked about \(name)") }
      for answer in finding.answers {
        if let fault = answer.fault { notes.append("\(answer.place), asked about \(name): \(fault.message)") }
      }
    }
    return notes.isEmpty ? ["the servers know nothing that the registry does not"] : notes
  }

  private func list(at place: String?, in repository: String) throws -> [UInt8]? {
    if let place, let bytes = try HookPlaces.readFile("\(place)/\(MaintainersFile.path)") { return bytes }
    let repository = try Repository.open(path: repository)
    let tree = try repository.treeOfCommit(try repository.resolve(revision: place ?? "HEAD"))
    guard let entry = try repository.entry(tree: tree, path: Array(MaintainersFile.path.utf8)) else { return nil }
    return try repository.read(entry.id, as: .blob)
  }
}
