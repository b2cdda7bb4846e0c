package import OpenPGP
package import Review

/// What was found out about one listed key.
package struct CertificateFinding: Sendable {
  /// What MAINTAINERS says of the key.
  package let entry: RegisteredKey
  /// In the order in which the places were asked.
  package let answers: [CertificateAnswer]

  /// All that the places know, together: one may have the newest expiry, another one a revocation.
  package var certificate: Certificate? {
    answers.compactMap(\.certificate).reduce(nil) { $0?.adding(selfSignaturesOf: $1) ?? $1 }
  }

  /// Whether a place that did not answer now may answer later.
  package var mayKnowMoreLater: Bool { answers.contains { $0.fault?.isTemporary ?? false } }
}

/// Asks for the certificates of listed keys, wherever the list and the person say.
package struct CertificateFetch: Sendable {
  private let download: CertificateDownload
  private let environment: [String: String]
  /// What the person named instead of all the usual places.
  private let sources: [CertificateSource]

  /// So many keys are asked for at the same time: a server of the usual kind allows five questions a second.
  private static let abreast = 4

  /// Asks the sources, in their order, for each key.
  package init(transport: any Transport, environment: [String: String], sources: [CertificateSource]) {
    download = CertificateDownload(transport: transport)
    self.environment = environment
    self.sources = sources
  }

  /// One finding for each of the directions, in their order.
  package func ask(for directions: [CertificateDirections], progress: @escaping @Sendable (Int) -> Void = { _ in })
    async -> [CertificateFinding]
  {
    await withTaskGroup(of: (Int, CertificateFinding).self) { group in
      var findings = [CertificateFinding?](repeating: nil, count: directions.count)
      var done = 0
      for (index, direction) in directions.enumerated() {
        if index >= Self.abreast, let (place, finding) = await group.next() {
          findings[place] = finding
          done += 1
          progress(done)
        }
        group.addTask { (index, await ask(for: direction)) }
      }
      for await (place, finding) in group {
        findings[place] = finding
        done += 1
        progress(done)
      }
      return findings.compactMap(\.self)
    }
  }

  /// Every place is asked, also when an earlier one has answered: the one that knows of a revocation may be the last.
  private func ask(for direction: CertificateDirections) async -> CertificateFinding {
    let wanted = direction.entry.fingerprint
    var answers: [CertificateAnswer] = []
    var places = sources
    if places.isEmpty {
      for server in direction.servers {
        do throws(CertificateSource.Defect) {
          places.append(try CertificateSource(listed: server))
        } catch {
          answers.append(CertificateAnswer(printable(server), .failed(CertificateFault(error.message))))
        }
      }
      places += [.webKeyDirectory, .keysOpenPGP]
    }
    var asked: Set<CertificateSource> = []
    for place in places where asked.insert(place).inserted {
      switch place {
      case .verifyingServer(let origin): answers.append(await download.verifyingServer(origin, wanted))
      case .keyServer(let origin): answers.append(await download.keyServer(origin, wanted))
      case .file(let path): answers.append(LocalCertificates.file(path, wanted))
      case .folder(let path): answers.append(LocalCertificates.folder(path, wanted))
      case .gnupg: answers.append(await LocalCertificates.gnupg(wanted, environment: environment))
      case .webKeyDirectory:
        for address in direction.addresses { answers.append(await download.webKeyDirectory(address, wanted)) }
      }
    }
    return CertificateFinding(entry: direction.entry, answers: answers)
  }
}
