package import GitBridge

/// Which of a repository's remotes is the forge that a pull request is on.
package struct ChosenRemote: Sendable, Equatable {
  /// The remote's name, for messages and for git.
  package let name: String
  /// Its URL as configured, for git.
  package let url: String
  /// Where it is.
  package let address: RemoteAddress
}

extension PullRequestReference {
  /// The remote that this reference means.
  ///
  /// A page's address only picks among the remotes that are there: it never adds one, so that a link which somebody
  /// sends cannot lead to a machine of theirs.
  ///
  /// - Parameter preferred: the remote that the person or `maint.remote` names. Without it: the one that the page's
  ///   address fits, else `upstream`, `origin`, or the only one.
  package func remote(among remotes: [Remote], preferred: String?) throws(ForgeError) -> ChosenRemote {
    if let preferred {
      guard let remote = remotes.first(where: { $0.name == preferred }) else {
        throw .notOnAForge(remote: Untrusted(preferred))
      }
      let chosen = try ChosenRemote(remote)
      guard fits(chosen.address) else { throw .otherRepository(asked: placeText) }
      return chosen
    }
    if place != nil {
      for remote in remotes {
        if let chosen = try? ChosenRemote(remote), fits(chosen.address) { return chosen }
      }
      throw .otherRepository(asked: placeText)
    }
    for name in ["upstream", "origin"] {
      if let remote = remotes.first(where: { $0.name == name }) { return try ChosenRemote(remote) }
    }
    guard remotes.count == 1 else { throw .notOnAForge(remote: Untrusted(remotes.isEmpty ? "(none)" : "(several)")) }
    return try ChosenRemote(remotes[0])
  }

  /// Ports are not compared: a remote by ssh says nothing of the web's.
  private func fits(_ address: RemoteAddress) -> Bool {
    guard let place else { return true }
    return place.origin.host == address.origin.host && place.repository == address.repository
  }

  private var placeText: String { place.map { "\($0.origin)/\($0.repository)" } ?? "" }
}

extension ChosenRemote {
  fileprivate init(_ remote: Remote) throws(ForgeError) {
    self.init(name: remote.name, url: remote.url, address: try RemoteAddress(remote.url))
  }
}
