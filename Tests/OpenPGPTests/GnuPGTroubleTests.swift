import Glibc
@testable import OpenPGP
import Support
import Testing

/// A gpg that misbehaves: dead, silent, lying. Whatever it does, nothing becomes good that should not.
@Suite struct GnuPGTroubleTests {
  static let (made, subkey) = TestCertificate.usual(seed: 21)
  static let good = Answer.good(
    key: subkey.fingerprint, primary: made.primary.fingerprint, time: TestKey.defaultCreation + 1000)

  /// Judges one good signature with `script` in gpg's place.
  static func judge(script: String, patience: Int32 = 10_000, budget: Duration? = nil) throws -> Answer {
    let folder = try ScratchFolder()
    try folder.write("gpg", "#!/bin/sh\n" + script, mode: 0o755)
    var settings = GnuPGEngine.Settings()
    settings.patience = patience
    settings.deadline = budget.map { .now + $0 }
    settings.program = "\(folder.path)/gpg"
    var engine = GnuPGEngine(keyring: Keyring([try made.read()]), settings: settings)
    let signature = try SignaturePacket(packet: TestSignature(by: subkey).packet(over: samplePayload))
    return engine.judge(signature, over: samplePayload)
  }

  /// A gpg that reads one name and answers with these status lines, `NAME` standing for the name.
  static func judge(status: [String]) throws -> Answer {
    let lines = status.map { "echo \"[GNUPG:] \($0)\"\n" }.joined().replacing("NAME", with: "$name")
    return try judge(script: "read name\n\(lines)read end\n")
  }

  static let start = "FILE_START 1 NAME"
  static let goodLine = "GOODSIG \(subkey.fingerprint.keyID) Somebody"
  static let validLine =
    "VALIDSIG \(subkey.fingerprint) 2023-11-14 1700001000 0 4 0 22 10 00 \(made.primary.fingerprint)"
  static let usual = [start, "NEWSIG", goodLine, validLine, "FILE_DONE"]

  @Test func `the usual answer is believed`() throws {
    #expect(try Self.judge(status: Self.usual) == Self.good)
    #expect(try Self.judge(status: [Self.start, "NEWSIG", "BADSIG 0 x", "FILE_DONE"]) == .bad)
    #expect(
      try Self.judge(status: [Self.start, "NEWSIG", "ERRSIG 0 22 10 00 1 9 x", "NO_PUBKEY x", "FILE_DONE"])
        == .unknownKey)
    #expect(
      try Self.judge(status: [Self.start, "NEWSIG", "ERRSIG 0 22 10 00 1 4 x", "FILE_DONE"])
        == .unsupported("GnuPG lacks the algorithm"))
  }

  static func lies(_ text: String, _ lines: [String]) -> (name: String, lines: [String]) { (text, lines) }

  static let contradictions: [(name: String, lines: [String])] = [
    lies("no signature", [start, "FILE_DONE"]),
    lies("no new signature", [start, goodLine, validLine, "FILE_DONE"]),
    lies("two signatures", [start, "NEWSIG", goodLine, validLine, "NEWSIG", goodLine, validLine, "FILE_DONE"]),
    lies("valid but not good", [start, "NEWSIG", validLine, "FILE_DONE"]),
    lies("good but not valid", [start, "NEWSIG", goodLine, "FILE_DONE"]),
    lies("good twice", [start, "NEWSIG", goodLine, goodLine, validLine, "FILE_DONE"]),
    lies("good and expired", [start, "NEWSIG", goodLine, "EXPKEYSIG 0 x", validLine, "FILE_DONE"]),
    lies("good and bad", [start, "NEWSIG", goodLine, "BADSIG 0 x", validLine, "FILE_DONE"]),
    lies("good and unknown", [start, "NEWSIG", goodLine, "ERRSIG 0 22 10 00 1 9 x", validLine, "FILE_DONE"]),
    lies("the signature has expired", [start, "NEWSIG", "EXPSIG 0 x", validLine, "FILE_DONE"]),
    lies("good and no data", [start, "NEWSIG", goodLine, validLine, "NODATA 4", "FILE_DONE"]),
    lies("text mode", [start, "NEWSIG", goodLine, validLine.replacing(" 00 ", with: " 01 "), "FILE_DONE"]),
    lies(
      "another time", [start, "NEWSIG", goodLine, validLine.replacing("1700001000", with: "1700001001"), "FILE_DONE"]),
    lies(
      "an expiry",
      [start, "NEWSIG", goodLine, validLine.replacing("1700001000 0 ", with: "1700001000 1800000000 "), "FILE_DONE"]),
    lies("another hash", [start, "NEWSIG", goodLine, validLine.replacing(" 22 10 ", with: " 22 8 "), "FILE_DONE"]),
    lies(
      "another algorithm", [start, "NEWSIG", goodLine, validLine.replacing(" 22 10 ", with: " 1 10 "), "FILE_DONE"]),
    lies("another version", [start, "NEWSIG", goodLine, validLine.replacing(" 0 4 0 ", with: " 0 3 0 "), "FILE_DONE"]),
    lies(
      "another key",
      [
        start, "NEWSIG", goodLine, validLine.replacing(subkey.fingerprint.hex, with: made.primary.fingerprint.hex),
        "FILE_DONE",
      ]),
    lies("no primary key", [start, "NEWSIG", goodLine, String(validLine.dropLast(41)), "FILE_DONE"]),
    lies("another file", ["FILE_START 1 /proc/self/fd/77", "NEWSIG", goodLine, validLine, "FILE_DONE"]),
    lies("no beginning", ["NEWSIG", goodLine, validLine, "FILE_DONE"]),
    lies("two beginnings", [start, start, "NEWSIG", goodLine, validLine, "FILE_DONE"]),
    lies("no end", [start, "NEWSIG", goodLine, validLine]),
    lies("said without the status mark", []),
  ]

  @Test(arguments: contradictions)
  func `an answer that contradicts itself is none`(name: String, lines: [String]) throws {
    guard case .failed = try Self.judge(status: lines) else {
      Issue.record("\(name) is believed")
      return
    }
  }

  @Test func `status lines without their mark are not read`() throws {
    let echo = Self.usual.map { "echo \"\($0)\"\n" }.joined().replacing("NAME", with: "$name")
    #expect(try Self.judge(script: "read name\n\(echo)") == .failed("gpg ended early"))
  }

  @Test func `a gpg that is missing is trouble`() throws {
    var settings = GnuPGEngine.Settings()
    settings.program = "/nonexistent/gpg"
    var engine = GnuPGEngine(keyring: Keyring([try Self.made.read()]), settings: settings)
    let signature = try SignaturePacket(packet: TestSignature(by: Self.subkey).packet(over: samplePayload))
    #expect(engine.judge(signature, over: samplePayload) == .failed("starting gpg failed (errno 2)"))
  }

  @Test func `a gpg that ends is trouble`() throws {
    #expect(try Self.judge(script: "read name\nexit 0\n") == .failed("gpg ended early"))
    #expect(try Self.judge(script: "read name\nkill -9 $$\n") == .failed("gpg ended early"))
  }

  @Test func `a gpg that is silent is trouble, and is not waited for`() throws {
    let start = time(nil)
    #expect(try Self.judge(script: "sleep 60\n", patience: 100) == .failed("gpg did not answer within 100 ms"))
    #expect(time(nil) - start < 20)
  }

  static let spent = Answer.failed("gpg did not answer before the time budget was spent")

  @Test(arguments: [
    ("silent", "sleep 60\n"), ("silent after the question", "read name\nsleep 60\n"),
    ("a word now and then", "while :; do echo '[GNUPG:] NEWSIG'; sleep 0.02; done\n"),
    ("words without end", "read name\necho \"[GNUPG:] FILE_START 1 $name\"\nexec yes '[GNUPG:] NOTATION x'\n"),
  ])
  func `a gpg is waited for no longer than the push may take`(name: String, script: String) throws {
    let start = ContinuousClock.now
    let answer = try Self.judge(script: script, budget: .milliseconds(150))
    #expect(answer == Self.spent || name == "words without end" && answer == .failed("gpg's answer has no end"))
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  /// The twin: a slow one that keeps within the time.
  @Test func `a slow gpg is waited for within that time`() throws {
    let lines = Self.usual.map { "echo \"[GNUPG:] \($0)\"\n" }.joined().replacing("NAME", with: "$name")
    #expect(try Self.judge(script: "read name\nsleep 0.1\n\(lines)read end\n", budget: .seconds(20)) == Self.good)
  }

  @Test func `a gpg that was silent once is not waited for again`() throws {
    let folder = try ScratchFolder()
    try folder.write("gpg", "#!/bin/sh\nexec sleep 60\n", mode: 0o755)
    var settings = GnuPGEngine.Settings()
    settings.patience = 200
    settings.program = "\(folder.path)/gpg"
    let keyring = Keyring([try Self.made.read()])
    let signature = try SignaturePacket(packet: TestSignature(by: Self.subkey).packet(over: samplePayload))
    let start = ContinuousClock.now
    for _ in 0..<200 {
      var engine = GnuPGEngine(keyring: keyring, settings: settings)
      guard case .failed = engine.judge(signature, over: samplePayload) else {
        Issue.record("a silent gpg is believed")
        return
      }
    }
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  /// A server may let its hooks have few files.
  @Test func `no file of ours has a high number`() throws {
    let engine = GnuPGEngine(keyring: Keyring([try Self.made.read()]))
    let signature = try SignaturePacket(packet: TestSignature(by: Self.subkey).packet(over: samplePayload))
    #expect(Question.asking(signature, over: samplePayload) { engine.judge($0) } == Self.good)
    #expect(GnuPGProcess.firstFile + Int32(GnuPGProcess.mostFiles) < 64)
  }

  @Test func `all that was asked has failed when gpg dies, and the next question starts a new one`() throws {
    let folder = try ScratchFolder()
    // Dies at its first start, and is the real one afterwards.
    try folder.write(
      "gpg",
      """
      #!/bin/sh
      if mkdir "\(folder.path)/died" 2>/dev/null; then read name; exit 3; fi
      exec /usr/bin/gpg "$@"

      """, mode: 0o755)
    defer { rmdir("\(folder.path)/died") }
    var settings = GnuPGEngine.Settings()
    settings.program = "\(folder.path)/gpg"
    var engine = GnuPGEngine(keyring: Keyring([try Self.made.read()]), settings: settings)
    let signature = try SignaturePacket(packet: TestSignature(by: Self.subkey).packet(over: samplePayload))
    let lost = GnuPGEngineTests.stream(engine, Array(repeating: (signature, samplePayload), count: 3))
    #expect(lost.count == 3)
    #expect(lost.first == .failed("gpg ended early"))
    #expect(engine.judge(signature, over: samplePayload) == Self.good)
  }
}
