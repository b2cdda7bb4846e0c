internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review

struct KeysAttest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attest", abstract: "Put a card's attestation of a signing key into the registry.",
    discussion: """
      A YubiKey states of a key that it was made on it. This verifies the statement down to a root of Yubico's, or of \
      the policy's attestation-roots, and holds it against the key in the registry. Only then it writes \
      keys/FINGERPRINT.evidence/attestation.pem into the work tree. Of --chain it keeps what is needed.

      The files: ykman openpgp keys attest SIG statement.pem; ykman openpgp certificates export ATT device.pem; \
      yubico-ca-1.pem and yubico-intermediate.pem, or for firmware before 5.7.4 yubico-opgp-ca-1.pem alone, from \
      https://developers.yubico.com/PKI/

      Exit status: 0 written; 1 it proves nothing; 2 could not judge; 64 wrong usage.

      Example: stagex-maint keys attest alice --statement statement.pem --device device.pem \
      --chain yubico-intermediate.pem yubico-ca-1.pem
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: ArgumentHelp("The card's statement about its signature key, PEM or DER.", valueName: "file"))
  var statement: String
  @Option(help: ArgumentHelp("The certificate of the card's attestation key, PEM or DER.", valueName: "file"))
  var device: String
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("What leads from the device to the root, and the root.", valueName: "file"))
  var chain: [String] = []
  @Option(help: ArgumentHelp("The folder with the registry. Default: the work tree.", valueName: "dir"))
  var registry: String?
  @OptionGroup var key: KeyArgument

  func run() throws {
    let console = common.console
    try running(console) {
      let folder = try RegistryCheckout(registry, try common.openRepository())
      let (entry, certificate) = try folder.key(key.who)
      let judge = AttestationJudge(folder.policy)
      let new = try [one(statement), one(device)] + chain.flatMap(certificates)
      let place = EvidencePlace.attestation(of: entry.fingerprint)
      let bytes: [UInt8]
      do throws(FileDefect) {
        bytes = try judge.assemble(known: try known(folder, place, judge, certificate), new: new, for: certificate)
      } catch {
        throw Failure(
          message:
            "this proves nothing about \(printable(entry.person))'s key: \(printable(error.message, limit: 500))",
          next: "stagex-maint keys attest --help", status: ExitCode(1))
      }
      let attested = judge.judge(bytes, for: certificate).attested
      try folder.write(bytes, to: place)
      for (key, card) in attested.sorted(by: { $0.key < $1.key }) { console.out("\(key)  \(EvidenceText.words(card))") }
      if entry.devices.isEmpty {
        console.out(
          """
          warning: keys.\(printable(entry.person)).\(printable(entry.label)) names no device, \
          so the key does not count: add devices to \(MaintainersFile.path)
          """)
      }
      console.out("written: \(place)")
      folder.nextSteps(entry, "Attest", console)
      return .success
    }
  }

  /// What lies in the registry already, if it is good.
  private func known(
    _ folder: RegistryCheckout, _ place: String, _ judge: AttestationJudge, _ certificate: Certificate
  ) throws(FileDefect) -> [[UInt8]] {
    guard let bytes = try readWholeFile("\(folder.path)/\(place)", limit: EvidencePlace.fileLimit) else { return [] }
    let finding = judge.judge(bytes, for: certificate)
    // What is broken is not mended by adding to it, and not thrown away unseen either.
    if let objection = finding.objections.first {
      throw FileDefect("\(place) is there and is not good (remove it first): \(objection)")
    }
    return try AttestationFile.certificates(in: bytes)
  }

  private func certificates(_ path: String) throws -> [[UInt8]] {
    do throws(FileDefect) {
      guard let bytes = try readWholeFile(path, limit: EvidencePlace.fileLimit) else {
        throw FileDefect("there is no such file")
      }
      return try AttestationFile.certificates(in: bytes)
    } catch {
      throw Failure.cannotJudge(
        "\(printable(path)): \(printable(error.message, limit: 300))", next: "stagex-maint keys attest --help")
    }
  }

  private func one(_ path: String) throws -> [UInt8] {
    let found = try certificates(path)
    guard found.count == 1, let certificate = found.first else {
      throw Failure.usage("\(printable(path)) holds \(found.count) certificates, and one is asked for")
    }
    return certificate
  }
}
