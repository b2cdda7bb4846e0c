import OpenPGP
import Testing

/// Real signatures by real people, where the shared data is at hand.
@Suite(.enabled(if: SharedData.isPresent, "needs the shared data"))
struct RealHistoryTests {
  static let data = "\(SharedData.folder ?? "")/data"

  /// Answers of both engines, in the order of `signatures`.
  static func judge(
    _ signatures: [(SignaturePacket, [UInt8])], _ keyring: Keyring
  ) -> (native: [Answer], gnupg: [Answer]) {
    let native = NativeEngine(keyring: keyring)
    let gnupg = GnuPGEngine(keyring: keyring)
    var answers: (native: [Answer], gnupg: [Answer]) = ([], [])
    for (signature, payload) in signatures {
      Question.asking(signature, over: payload) {
        answers.gnupg += gnupg.submit($0)
        answers.native.append(native.judge($0))
      }
    }
    answers.gnupg += gnupg.finish()
    return answers
  }

  /// Nonguix: 2,187 signatures by nine people; all nine keys have expired by today, 1,056 had when they signed.
  @Test func `every signer of Nonguix is found, and whether the key was valid then`() throws {
    let repository = RealHistory.Repository(unpacking: "tar -xzf \(Self.data)/nonguix/nonguix.git.tar.gz")
    let path = "\(repository.path)/nonguix.git"
    let names = String(decoding: RealHistory.output("git -C \(path) ls-tree --name-only keyring"), as: UTF8.self)
    let certificates = try names.split(separator: "\n").filter { $0.hasSuffix(".key") }.map {
      try Certificate.read(RealHistory.output("git -C \(path) show keyring:\($0)"))
    }
    #expect(certificates.count == 9)
    let keyring = Keyring(certificates)
    let expected = String(decoding: contents("\(Self.data)/nonguix/expected-signers.tsv"), as: UTF8.self)
      .split(separator: "\n").dropFirst().map { $0.split(separator: "\t").map(String.init) }
    let commits = Dictionary(uniqueKeysWithValues: RealHistory.commits(of: "master", in: path).map { ($0.id, $0) })
    let signed = expected.filter { $0[2] != "unsigned" }
    #expect(signed.count == 2187)
    for row in expected where row[2] == "unsigned" { #expect(commits[row[0]]?.armor == []) }

    let signatures = try signed.map { row in
      let commit = try #require(commits[row[0]])
      return (try admit(commit.armor), commit.payload)
    }
    let answers = Self.judge(signatures, keyring)
    var validThen = 0
    for (row, (native, gnupg)) in zip(signed, zip(answers.native, answers.gnupg)) {
      guard case .good(let key, let primary, let time) = native else {
        Issue.record("\(row[0]): \(native)")
        continue
      }
      #expect(key.hex == row[1])
      #expect(primary.hex == row[3])
      #expect(String(time) == row[4])
      #expect(gnupg == .expired(key: key, primary: primary, time: time))
      #expect(agreement(native: native, gnupg: gnupg, judgedAt: .then) == .agree)
      let certificate = try #require(certificates.first { $0.primary == primary })
      switch certificate.standing(of: key, signedAt: time, judgedAt: .then) {
      case .good:
        #expect(row[5] == "valid")
        validThen += 1
      case .expired: #expect(row[5] == "expired")
      case let other: Issue.record("\(row[0]): \(other)")
      }
    }
    #expect(validThen == 1131)
  }

  /// The replica of StageX: each OpenPGP signature by a key that is at hand is good, by both engines.
  @Test func `both engines find every signature of the StageX replica good`() throws {
    let files =
      SharedData.files("stagex-replica/registry/keys", suffix: ".asc")
      + SharedData.files("stagex-replica/others", suffix: ".asc")
    let certificates = try files.map { try Certificate.read($0.bytes) }
    for (file, certificate) in zip(files, certificates) { #expect(file.name == "\(certificate.primary).asc") }
    let repository = RealHistory.Repository(
      unpacking: "git clone -q --bare \(Self.data)/stagex-replica/history.bundle replica.git")
    let commits = RealHistory.commits(of: "main", in: "\(repository.path)/replica.git")
    #expect(commits.count == 1612)
    let signatures = commits.compactMap { commit in
      (try? admit(commit.armor)).map { ($0, commit.payload) }
    }
    #expect(signatures.count == 1597)
    let answers = Self.judge(signatures, Keyring(certificates))
    for (index, (native, gnupg)) in zip(answers.native, answers.gnupg).enumerated() {
      #expect(native == gnupg)
      guard case .good(let key, let primary, let time) = native else {
        Issue.record("signature \(index): \(native)")
        continue
      }
      let certificate = try #require(certificates.first { $0.primary == primary })
      #expect(certificate.standing(of: key, signedAt: time, judgedAt: .now(testNow)) == .good)
    }
  }

  /// What gpg lists of each certificate, we list too.
  @Test func `certificates are listed as gpg lists them`() throws {
    let home = try ScratchFolder()
    let folders = ["stagex-replica/registry/keys", "stagex-replica/others"]
    var compared = 0
    for folder in folders {
      for file in SharedData.files(folder, suffix: ".asc") {
        let listing = try Certificate.read(file.bytes).listing(at: testNow)
        let text = RealHistory.output(
          """
          gpg --no-options --homedir \(home.path) --no-autostart --show-keys --with-colons \
          \(Self.data)/\(folder)/\(file.name) 2>/dev/null
          """)
        let rows = String(decoding: text, as: UTF8.self).split(separator: "\n").map {
          $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
        let keys = rows.filter { $0[0] == "pub" || $0[0] == "sub" }
        let fingerprints = rows.filter { $0[0] == "fpr" }.map { $0[9] }
        #expect(listing.keys.map(\.fingerprint.hex) == fingerprints)
        for (key, row) in zip(listing.keys, keys) {
          #expect(String(key.created) == row[5])
          #expect(key.expires.map { String($0) } ?? "" == row[6])
          #expect((key.standing == .good) == row[11].contains("s"))
          // gpg counts 255 bits for Ed25519.
          #expect(key.bits.map { String($0) } == (row[2] == "255" ? "256" : row[2]))
          compared += 1
        }
      }
    }
    #expect(compared >= 40)
  }
}
