package import OpenPGP

/// Judges attestations under the roots of one policy.
package struct AttestationJudge {
  private let roots: AttestationRoots

  /// Judges by the roots that the policy pins, and Yubico's own.
  package init(_ policy: Policy) { roots = AttestationRoots(policy) }
  init(_ roots: AttestationRoots) { self.roots = roots }

  /// What was found of one file: the keys that it shows to be on cards, and what is wrong with the rest.
  package struct Finding {
    /// By the fingerprint of the key.
    package var attested: [Fingerprint: AttestedCard] = [:]
    /// Why statements do not hold, in sentences safe to print.
    package var objections: [String] = []
    /// Places of the certificates that lead from good statements to their roots.
    var used: Set<Int> = []
  }

  /// Judges the bytes of an `attestation.pem` about a certificate's keys.
  package func judge(_ bytes: [UInt8], for certificate: OpenPGP.Certificate) -> Finding {
    do throws(AttestationDefect) {
      return judge(try AttestationFile.read(bytes), for: certificate)
    } catch {
      return Finding(objections: [error.text])
    }
  }

  func judge(_ file: AttestationFile, for certificate: OpenPGP.Certificate) -> Finding {
    let certificates = file.certificates
    var finding = Finding()
    var touched: Set<Int> = []
    var seen: Set<Fingerprint> = []
    for place in certificates.indices where certificates[place].isOpenPGPStatement {
      do throws(AttestationDefect) {
        let chain = try AttestationChain.walk(from: place, in: certificates, to: roots, touched: &touched)
        let statement = try AttestationStatement(certificates[place])
        guard let key = certificate.keys.first(where: { $0.fingerprint == statement.fingerprint }) else {
          throw AttestationDefect("it attests \(statement.fingerprint), which is no key of this certificate")
        }
        guard statement.isAbout(key) else {
          throw AttestationDefect("it names \(statement.fingerprint) and attests another key")
        }
        guard seen.insert(key.fingerprint).inserted else {
          finding.attested[key.fingerprint] = nil
          throw AttestationDefect("it holds two statements about \(key.fingerprint)")
        }
        finding.attested[key.fingerprint] = statement.card
        finding.used.formUnion(chain.places)
      } catch {
        finding.objections.append(error.text)
      }
    }
    if touched.isEmpty { return Finding(objections: ["it holds no statement of a card about a key"]) }
    // What nobody needs has not been looked at, and what has not been looked at does not get into a registry.
    if let idle = certificates.indices.first(where: { !touched.contains($0) }) {
      return Finding(objections: finding.objections + ["\(certificates[idle].shownName) belongs to no chain in it"])
    }
    return finding
  }

  /// The file for the registry: of `known` (what lies there already) and `new`, the statements about this certificate's
  /// keys that are good, newest first, with their chains and nothing else.
  ///
  /// - Parameter new: Must hold a good statement; more authorities than are needed may stand beside it.
  package func assemble(known: [[UInt8]], new: [[UInt8]], for certificate: OpenPGP.Certificate) throws(FileDefect)
    -> [UInt8]
  {
    do throws(AttestationDefect) {
      var parsed: [AttestationCertificate] = []
      var digests: Set<[UInt8]> = []
      for der in new + known {
        let one = try AttestationCertificate(der: der)
        if digests.insert(one.digest).inserted { parsed.append(one) }
      }
      var kept: Set<Int> = []
      var seen: Set<Fingerprint> = []
      var refusal: AttestationDefect?
      for place in parsed.indices where parsed[place].isOpenPGPStatement {
        let isNew = new.contains(parsed[place].der)
        do throws(AttestationDefect) {
          var touched: Set<Int> = []
          let chain = try AttestationChain.walk(from: place, in: parsed, to: roots, touched: &touched)
          let statement = try AttestationStatement(parsed[place])
          // A key that has left the certificate takes its statement along.
          if !isNew, !certificate.keys.contains(where: { $0.fingerprint == statement.fingerprint }) { continue }
          // The newest statement about a key takes the place of an older one.
          if seen.insert(statement.fingerprint).inserted { kept.formUnion(chain.places) }
        } catch {
          if isNew { refusal = refusal ?? error }
        }
      }
      if let refusal { throw refusal }
      guard parsed.contains(where: { $0.isOpenPGPStatement && new.contains($0.der) }) else {
        throw AttestationDefect("there is no statement of a card about an OpenPGP key among the certificates")
      }
      let file = AttestationFile(certificates: try AttestationFile.certificates(kept.sorted().map { parsed[$0].der }))
      let finding = judge(file, for: certificate)
      if let objection = finding.objections.first { throw AttestationDefect(objection) }
      let bytes = AttestationFile.text(file.certificates.map(\.der))
      guard bytes.count <= EvidencePlace.fileLimit else { throw AttestationDefect("it would be larger than 64 KiB") }
      return bytes
    } catch {
      throw FileDefect(error.text)
    }
  }
}
