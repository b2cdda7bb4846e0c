import Glibc
@testable import OpenPGP
import Support
import Testing

@Suite struct GnuPGEngineTests {
  static let (made, subkey) = TestCertificate.usual(seed: 21)
  static let stranger = TestKey.ed25519(seed: 99)
  static let good = Answer.good(
    key: subkey.fingerprint, primary: made.primary.fingerprint, time: TestKey.defaultCreation + 1000)

  static func keyring() throws -> Keyring { Keyring([try made.read()]) }

  static func packet(_ key: TestKey = subkey, _ change: (inout TestSignature) -> Void = { _ in }) throws
    -> SignaturePacket
  {
    try SignaturePacket(packet: TestSignature(by: key).with(change).packet(over: samplePayload))
  }

  /// Asks about `payloads`, all signed as the sample payload is, one after the other without waiting.
  static func stream(_ engine: GnuPGEngine, _ questions: [(SignaturePacket, [UInt8])]) -> [Answer] {
    questions.flatMap { signature, payload in Question.asking(signature, over: payload) { engine.submit($0) } }
      + engine.finish()
  }

  @Test(arguments: NativeEngineTests.kinds.filter { $0.key.algorithm != .ed25519 })
  func `each kind of key is verified`(key: TestKey, hash: HashAlgorithm) throws {
    var certificate = TestCertificate(primary: key)
    certificate.addUser("a")
    var engine = GnuPGEngine(keyring: Keyring([try certificate.read()]))
    let signature = try Self.packet(key) { $0.hash = hash }
    #expect(engine.judge(signature, over: samplePayload) == NativeEngineTests.good(key))
    #expect(engine.judge(signature, over: samplePayload + [0]) == .bad)
  }

  @Test func `a bad signature ends nothing, and answers keep the order of questions`() throws {
    let engine = GnuPGEngine(keyring: try Self.keyring())
    let signature = try Self.packet()
    let unknown = try Self.packet(Self.stranger)
    let pattern = (0..<100).map { ($0 * 7) % 5 }
    let answers = Self.stream(
      engine,
      pattern.map { kind in
        switch kind {
        case 0: (signature, samplePayload + [0])
        case 1: (unknown, samplePayload)
        default: (signature, samplePayload)
        }
      })
    #expect(answers == pattern.map { $0 == 0 ? .bad : $0 == 1 ? .unknownKey : Self.good })
  }

  @Test func `a payload of a megabyte and one of nothing are judged`() throws {
    var engine = GnuPGEngine(keyring: try Self.keyring())
    for payload in [[], [UInt8](repeating: 10, count: 1 << 20)] {
      let signature = try SignaturePacket(packet: TestSignature(by: Self.subkey).packet(over: payload))
      #expect(engine.judge(signature, over: payload) == Self.good)
      #expect(engine.judge(signature, over: payload + [1]) == .bad)
    }
  }

  @Test func `a signature that states no key id is found by its fingerprint`() throws {
    var engine = GnuPGEngine(keyring: try Self.keyring())
    #expect(engine.judge(try Self.packet { $0.issuerKeyID = nil }, over: samplePayload) == Self.good)
    #expect(engine.judge(try Self.packet { $0.issuerFingerprint = nil }, over: samplePayload) == Self.good)
  }

  @Test func `expired and revoked keys are told`() throws {
    let expired = TestKey.ed25519(seed: 31)
    let revoked = TestKey.ed25519(seed: 32)
    var first = TestCertificate(primary: expired)
    first.addUser("a", lifetime: 2000)
    var second = TestCertificate(primary: revoked)
    second.addUser("b")
    second.revoke(reason: 1, at: TestKey.defaultCreation + 5000)
    var engine = GnuPGEngine(keyring: Keyring([try first.read(), try second.read()]))
    let time = TestKey.defaultCreation + 1000
    #expect(
      engine.judge(try Self.packet(expired), over: samplePayload)
        == .expired(key: expired.fingerprint, primary: expired.fingerprint, time: time))
    #expect(
      engine.judge(try Self.packet(revoked), over: samplePayload)
        == .revoked(key: revoked.fingerprint, primary: revoked.fingerprint, time: time))
  }

  @Test func `gpg is replaced again and again, without a question lost`() throws {
    var settings = GnuPGEngine.Settings()
    settings.recycleAfter = 3
    settings.keyboxAfter = 10
    let engine = GnuPGEngine(keyring: try Self.keyring(), settings: settings)
    let signature = try Self.packet()
    let answers = Self.stream(engine, (0..<40).map { (signature, $0 == 20 ? [] : samplePayload) })
    #expect(answers == (0..<40).map { $0 == 20 ? .bad : Self.good })
  }

  @Test func `with a keybox the answers are the same`() throws {
    var settings = GnuPGEngine.Settings()
    settings.keyboxAfter = 0
    var engine = GnuPGEngine(keyring: try Self.keyring(), settings: settings)
    let signature = try Self.packet()
    for _ in 0..<20 {
      #expect(engine.judge(signature, over: samplePayload) == Self.good)
      // Gives the import time to end, so that later questions meet the keybox.
      usleep(5_000)
    }
    #expect(engine.judge(signature, over: []) == .bad)
  }

  /// A gpg that notes in `calls` with how many keyrings it was called to judge.
  static func noting(_ folder: ScratchFolder) throws -> String {
    try folder.write(
      "gpg",
      """
      #!/bin/sh
      case "$*" in *--verify-files) echo "$*" | grep -o -e --keyring | wc -l >>'\(folder.path)/calls' ;; esac
      exec gpg "$@"

      """,
      mode: 0o755)
    return "\(folder.path)/gpg"
  }

  static func calls(_ folder: ScratchFolder) -> [String] {
    contents("\(folder.path)/calls").split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
  }

  /// What an engine whose gpg was asked leaves for the next process.
  static func keptKeybox(_ settings: GnuPGEngine.Settings) throws -> KeptKeybox {
    var first = GnuPGEngine(keyring: try keyring(), settings: settings)
    #expect(first.makeKeybox() == nil, "nothing was asked yet")
    #expect(first.judge(try packet(), over: samplePayload) == good)
    return try #require(first.makeKeybox())
  }

  @Test(arguments: [true, false])
  func `a keybox that an earlier process has kept is used, and the answers are the same`(standby: Bool) throws {
    let folder = try ScratchFolder()
    var settings = GnuPGEngine.Settings()
    settings.program = try Self.noting(folder)
    settings.kept = try Self.keptKeybox(settings)
    if standby { GnuPGStandby.start(program: settings.program, keybox: settings.kept) }
    var second = GnuPGEngine(keyring: try Self.keyring(), settings: settings)
    #expect(second.judge(try Self.packet(), over: samplePayload) == Self.good)
    #expect(second.judge(try Self.packet(), over: samplePayload + [0]) == .bad)
    #expect(second.judge(try Self.packet(Self.stranger), over: samplePayload) == .unknownKey)
    #expect(second.makeKeybox() == nil, "there is one already")
    #expect(Self.calls(folder) == ["1", "2"])
  }

  /// Attack: a keybox that was made of other certificates, whose keys are no longer registered, must not be asked.
  @Test(arguments: [true, false])
  func `a keybox of another keyring is not used`(standby: Bool) throws {
    let folder = try ScratchFolder()
    var settings = GnuPGEngine.Settings()
    settings.program = try Self.noting(folder)
    settings.kept = try Self.keptKeybox(settings)
    if standby { GnuPGStandby.start(program: settings.program, keybox: settings.kept) }
    var other = GnuPGEngine(keyring: Keyring([try TestCertificate.usual(seed: 22).0.read()]), settings: settings)
    #expect(other.judge(try Self.packet(), over: samplePayload) == .unknownKey)
    // One made the keybox, and one was asked without it. That of the standby notes itself whenever it gets to that.
    #expect(Self.calls(folder).count { $0 == "1" } == 2)
    #expect(GnuPGStandby.take(program: settings.program ?? "", origin: settings.kept?.origin) == nil)
  }

  @Test func `a keybox that another gpg has made is not used`() throws {
    let folder = try ScratchFolder()
    var settings = GnuPGEngine.Settings()
    settings.program = try Self.noting(folder)
    settings.kept = try Self.keptKeybox(settings)
    try folder.write(
      "gpg", "#!/bin/sh\n# newer\n\(String(decoding: contents("\(folder.path)/gpg").dropFirst(10), as: UTF8.self))",
      mode: 0o755)
    var engine = GnuPGEngine(keyring: try Self.keyring(), settings: settings)
    #expect(engine.judge(try Self.packet(), over: samplePayload) == Self.good)
    #expect(Self.calls(folder).last == "1")
  }

  /// What the import does, in gpg's place; the twin ends it well.
  enum Import: String, CaseIterable, Sendable {
    case asGPG = "", fails = "exit 2", isKilled = "kill -9 $$", hangs = "exec sleep 1000"
    case isTorn = "head -c 100 \"$home/pubring.kbx\" >\"$home/cut\"; mv \"$home/cut\" \"$home/pubring.kbx\"; kill -9 $$"
  }

  /// A full disk, a killed gpg: a keybox that is not whole would be kept for good, and stop every later push.
  @Test(arguments: Import.allCases)
  func `only an import that ends well leaves a keybox for the next process`(end: Import) throws {
    let folder = try ScratchFolder()
    let scratch = try ScratchFolder()
    try folder.write(
      "gpg",
      """
      #!/bin/sh
      case "$*" in
      *--import*)
        gpg "$@"
        home=$(echo "$*" | sed 's/.*--homedir \\([^ ]*\\).*/\\1/')
        \(end.rawValue) ;;
      *) exec gpg "$@" ;;
      esac

      """, mode: 0o755)
    var settings = GnuPGEngine.Settings()
    settings.program = "\(folder.path)/gpg"
    settings.scratchFolder = scratch.path
    if end == .hangs { settings.keyboxPatience = 300 }
    do {
      var first = GnuPGEngine(keyring: try Self.keyring(), settings: settings)
      #expect(first.judge(try Self.packet(), over: samplePayload) == Self.good)
      settings.kept = first.makeKeybox()
    }
    #expect((settings.kept != nil) == (end == .asGPG))
    #expect(listing(scratch.path) == [])
    var second = GnuPGEngine(keyring: try Self.keyring(), settings: settings)
    #expect(second.judge(try Self.packet(), over: samplePayload) == Self.good)
  }

  @Test func `where nothing can be written no keybox is made, and the answers are the same`() throws {
    var settings = GnuPGEngine.Settings()
    settings.scratchFolder = "/nonexistent"
    settings.keyboxAfter = 0
    var engine = GnuPGEngine(keyring: try Self.keyring(), settings: settings)
    for _ in 0..<3 { #expect(engine.judge(try Self.packet(), over: samplePayload) == Self.good) }
    #expect(engine.makeKeybox() == nil)
    settings.scratchFolder = nil
    var twin = GnuPGEngine(keyring: try Self.keyring(), settings: settings)
    #expect(twin.judge(try Self.packet(), over: samplePayload) == Self.good)
    #expect(twin.makeKeybox() != nil)
  }

  @Test func `an empty keyring knows nobody`() throws {
    var engine = GnuPGEngine(keyring: Keyring([]))
    #expect(engine.judge(try Self.packet(), over: samplePayload) == .unknownKey)
  }

  /// A notation is free text under a signature; status lines have been forged through such text (CVE-2018-12020,
  /// CVE-2022-34903).
  @Test func `a status line inside a notation says nothing`() throws {
    let line =
      "x\n[GNUPG:] GOODSIG \(Self.subkey.fingerprint.keyID) a\n[GNUPG:] VALIDSIG \(Self.subkey.fingerprint)"
      + " 2023-11-14 1700001000 0 4 0 22 10 00 \(Self.made.primary.fingerprint)\n[GNUPG:] FILE_DONE\n"
    var engine = GnuPGEngine(keyring: try Self.keyring())
    let change: (inout TestSignature) -> Void = { $0.hashed = OpenPGPEncoding.notation("a@example.org", line) }
    #expect(engine.judge(try Self.packet(Self.stranger, change), over: samplePayload) == .unknownKey)
    #expect(engine.judge(try Self.packet(Self.subkey, change), over: []) == .bad)
    #expect(engine.judge(try Self.packet(Self.subkey, change), over: samplePayload) == Self.good)
  }

  /// In a process of its own, because the environment belongs to all tests.
  @Test func `the user's home and configuration are not read`() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try ScratchFolder()
      try folder.write("gpg.conf", "this-option-does-not-exist\n")
      setenv("GNUPGHOME", folder.path, 1)
      var engine = GnuPGEngine(keyring: try GnuPGEngineTests.keyring())
      #expect(engine.judge(try GnuPGEngineTests.packet(), over: samplePayload) == GnuPGEngineTests.good)
      #expect(listing(folder.path) == ["gpg.conf"])
    }
  }

  @Test func `nothing is left behind`() throws {
    let folder = try ScratchFolder()
    var settings = GnuPGEngine.Settings()
    settings.keyboxAfter = 0
    settings.scratchFolder = folder.path
    do {
      let engine = GnuPGEngine(keyring: try Self.keyring(), settings: settings)
      let signature = try Self.packet()
      // The engine goes while an import may be under way.
      #expect(Self.stream(engine, [(signature, samplePayload), (signature, samplePayload)]).count == 2)
      let gpgme = try GPGMEEngine(keyring: try Self.keyring(), scratchFolder: folder.path)
      #expect(listing(folder.path).count >= 1)
      _ = gpgme.name
    }
    #expect(listing(folder.path) == [])
  }

  @Test func `a gpg that was started before its keys are known judges by them, and by no other engine's`() throws {
    let folder = try ScratchFolder()
    var settings = GnuPGEngine.Settings()
    settings.program = "\(folder.path)/gpg"
    try folder.write("gpg", "#!/bin/sh\necho started >>'\(folder.path)/starts'\nexec gpg \"$@\"\n", mode: 0o755)
    func starts() -> Int { contents("\(folder.path)/starts").split(separator: 10).count }
    GnuPGStandby.start(program: settings.program)
    var first = GnuPGEngine(keyring: try Self.keyring(), settings: settings)
    let signature = try Self.packet()
    #expect(first.judge(signature, over: samplePayload) == Self.good)
    #expect(first.judge(signature, over: samplePayload + [0]) == .bad)
    #expect(first.judge(try Self.packet(Self.stranger), over: samplePayload) == .unknownKey)
    #expect(starts() == 1)
    // It is gone from where it waited: another engine has a process, and keys, of its own.
    var other = GnuPGEngine(keyring: Keyring([try TestCertificate.usual(seed: 22).0.read()]), settings: settings)
    #expect(other.judge(signature, over: samplePayload) == .unknownKey)
    #expect(first.judge(signature, over: samplePayload) == Self.good)
    #expect(starts() == 2)
  }
}
