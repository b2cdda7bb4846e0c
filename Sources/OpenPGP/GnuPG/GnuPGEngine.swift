internal import Glibc

/// GnuPG as judge: one long-lived `gpg --verify-files` that reads the names of files in memory, one for each
/// question, and reports on its status lines. It has no home, no agent, no network, no configuration of the user's.
///
/// Traps that shape this (tried with GnuPG 2.2.40):
/// - With `--batch`, gpg stops at the first bad signature; so it runs without, and the end of its output is failure.
/// - gpg reads much more than signatures; it gets one admitted packet (`SignaturePacket`) behind a one-pass packet and
///   a literal of our own making, never bytes from outside as they came.
/// - Its memory grows by some kilobytes a signature, so it is replaced from time to time.
///
/// Not for several threads: give each its own. The process ends with this object.
package final class GnuPGEngine: SignatureEngine {
  /// How gpg is run. The defaults are right outside tests.
  package struct Settings: Sendable {
    /// An absolute path; `nil` for the `gpg` on PATH.
    package var program: String?
    /// Where the short-lived home for making a keybox goes; `nil` for TMPDIR or /tmp.
    package var scratchFolder: String?
    /// How long gpg may be silent while it owes an answer, in milliseconds.
    package var patience: Int32 = 30_000
    /// When nobody waits for gpg any longer, whatever it says: the time that the whole push may take.
    package var deadline: ContinuousClock.Instant?
    /// How long it may be silent while it makes a keybox that something waits for and could do without, in
    /// milliseconds.
    package var keyboxPatience: Int32 = 5_000
    /// Questions after which gpg is replaced.
    package var recycleAfter = 5_000
    /// Questions after which a keybox pays.
    package var keyboxAfter = 16
    /// Packets without armor, to show gpg other certificates than ours.
    package var keyringFile: [UInt8]?
    /// From an earlier process. Used where it was made of the same certificates by the same gpg.
    package var kept: KeptKeybox?

    package init() {}
  }

  /// For messages.
  package var name: String { "gnupg" }
  /// Whose signatures it can judge.
  package let keyring: Keyring

  private let settings: Settings
  private let program: String
  private let keyringFile: [UInt8]
  private let origin: [UInt8]
  private var kept: KeptKeybox?
  private var running: Running?
  private var asked = 0
  private var keybox: GnuPGKeybox?
  private var keyboxFailed = false
  private var answers: [Answer] = []

  /// A process, its files, and what it owes.
  private struct Running {
    let process: GnuPGProcess
    let slots: [Descriptor]
    let hasKeybox: Bool
    var asked = 0
    /// Signatures in the order of their questions; a question's file is `slots[number % slots.count]`.
    var owed: [(signature: SignaturePacket, slot: Int)] = []
    /// When its answers were last looked for, and how many it had given by then.
    var looked: (at: ContinuousClock.Instant, answered: Int)?
    var answered: Int { asked - owed.count }
  }

  /// Questions under way at once: enough that gpg never waits for us.
  private static let slotCount = 16
  /// The longest time for which gpg is left to itself, in microseconds.
  private static let longestRest: Int64 = 20_000

  /// Starts nothing yet.
  package init(keyring: Keyring, settings: Settings = Settings()) {
    self.keyring = keyring
    self.settings = settings
    program = settings.program ?? GnuPGProgram.find()
    keyringFile = settings.keyringFile ?? keyring.gnupgKeyring
    origin = KeptKeybox.origin(keyring: keyringFile, program: program)
    kept = settings.kept.flatMap { [origin] in $0.origin == origin ? $0 : nil }
  }

  /// A keybox for the next process: the one that pays off sooner the next time. Waits for gpg to make it. Nil where
  /// there is one already, gpg was never asked, or it brought nothing.
  package func makeKeybox() -> KeptKeybox? {
    guard kept == nil, asked > 0 else { return nil }
    return ownKeybox()
  }

  /// Has gpg make a keybox before the first question, and waits for it: for many questions it pays at once.
  package func expectMany() {
    if kept == nil, running == nil { kept = ownKeybox() }
  }

  /// The keybox that the processes use from now on, for other engines over the same keyring; nil while there is none.
  package var shared: KeptKeybox? { kept }

  private func ownKeybox() -> KeptKeybox? {
    guard GnuPGSilence.of(program) == nil else { return nil }
    let made =
      keybox ?? (try? GnuPGKeybox(program: program, keyring: keyringFile, scratchFolder: settings.scratchFolder))
    return made?.content(Patience(each: settings.keyboxPatience, deadline: settings.deadline)).map {
      KeptKeybox(origin: origin, content: $0)
    }
  }

  /// Starts gpg now, so that its start-up runs beside other work. Trouble shows in the answers.
  package func start() {
    if running == nil { running = try? launch() }
  }

  /// Hands one question over and returns the answers that are there by now, in the order of the questions.
  /// The payload is copied before this returns.
  package func submit(_ question: Question) -> [Answer] {
    do throws(GnuPGTrouble) {
      try replaceWhenDue()
      if let owed = running?.owed.count, owed == Self.slotCount { try receiveAnswer() }
    } catch {
      failAll(error)
    }
    do throws(GnuPGTrouble) {
      if let silence = GnuPGSilence.of(program) ?? (patience.hasEnded ? patience.trouble : nil) { throw silence }
      if running == nil { running = try launch() }
      try ask(question)
    } catch {
      failAll(error)
      answers.append(.failed(error.text))
    }
    defer { answers = [] }
    return answers
  }

  /// Waits for the oldest answer that is owed; returns what is there then, in the order of the questions.
  package func oldest() -> [Answer] {
    do throws(GnuPGTrouble) {
      if answers.isEmpty, running?.owed.isEmpty == false { try receiveAnswer() }
    } catch {
      failAll(error)
    }
    defer { answers = [] }
    return answers
  }

  /// Waits for all answers that are owed, in the order of the questions.
  package func finish() -> [Answer] {
    do throws(GnuPGTrouble) {
      try drain()
    } catch {
      failAll(error)
    }
    defer { answers = [] }
    return answers
  }

  /// Answers one question. Nothing may be under way by `submit`.
  package func judge(_ question: Question) -> Answer {
    let answers = submit(question) + finish()
    return answers.count == 1 ? answers[0] : .failed("answers are under way")
  }

  private func ask(_ question: Question) throws(GnuPGTrouble) {
    guard let process = running?.process, let slots = running?.slots, let number = running?.asked else { return }
    let slot = number % slots.count
    let size = unsafe question.head.count + question.tail.count
    guard size <= Int(UInt32.max) - 6 else { throw GnuPGTrouble("a payload too long for gpg") }
    let head = GnuPGMessage.head(question.signature, payloadSize: size)
    let result: Result<Void, GnuPGTrouble> = unsafe head.withUnsafeBytes { head in
      unsafe question.signature.packet.withUnsafeBytes { packet in
        do throws(GnuPGTrouble) {
          return .success(try unsafe slots[slot].replace(with: [head, question.head, question.tail, packet]))
        } catch {
          return .failure(error)
        }
      }
    }
    try result.get()
    running?.owed.append((question.signature, slot))
    running?.asked += 1
    asked += 1
    do throws(GnuPGTrouble) {
      try process.send(line: Self.path(slot))
    } catch {
      failAll(error)
    }
  }

  private var patience: Patience { Patience(each: settings.patience, deadline: settings.deadline) }

  private static func path(_ slot: Int) -> String { "/proc/self/fd/\(Int(GnuPGProcess.firstFile) + slot)" }

  /// Leaves gpg to itself until it has about half of its answers ready.
  ///
  /// It tells of each signature in several writes. Waiting for them would wake us for every one, more than ten times
  /// for a signature, on a processor that gpg could use.
  private func rest() {
    guard let running, running.owed.count > Self.slotCount / 2, !running.process.holdsLine else { return }
    let now = ContinuousClock.now
    self.running?.looked = (now, running.answered)
    if let looked = running.looked, running.answered > looked.answered {
      let (seconds, atto) = (now - looked.at).components
      let each = (seconds * 1_000_000 + atto / 1_000_000_000_000) / Int64(running.answered - looked.answered)
      usleep(UInt32(min(each * Int64(running.owed.count / 2), Self.longestRest)))
    }
  }

  private func receiveAnswer() throws(GnuPGTrouble) {
    rest()
    guard let process = running?.process, let owed = running?.owed.first else { return }
    var status: GnuPGStatus?
    var lines = 0
    while let line = try process.receiveLine(patience) {
      lines += 1
      try GnuPGProcess.check(lines, patience)
      guard let (keyword, fields) = GnuPGStatus.split(line) else { continue }
      switch keyword {
      case "FILE_START":
        guard status == nil, fields.last?.elementsEqual(Self.path(owed.slot).utf8) == true else {
          throw GnuPGTrouble("gpg judges another file than it was given")
        }
        status = GnuPGStatus()
      case "FILE_DONE":
        guard let status else { throw GnuPGTrouble("gpg ends a file that it did not begin") }
        running?.owed.removeFirst()
        answers.append(settled(status.answer(about: owed.signature), running?.slots[owed.slot], owed.signature))
        return
      default:
        status?.note(keyword, fields)
      }
    }
    throw GnuPGTrouble("gpg ended early")
  }

  private func drain() throws(GnuPGTrouble) {
    while let owed = running?.owed, !owed.isEmpty { try receiveAnswer() }
  }

  /// Whatever is owed has failed, and the process is not asked again.
  private func failAll(_ trouble: GnuPGTrouble) {
    if trouble.isSilence { GnuPGSilence.remember(program) }
    let lost = running
    running = nil
    for owed in lost?.owed ?? [] {
      answers.append(settled(.failed(trouble.text), trouble.isSilence ? nil : lost?.slots[owed.slot], owed.signature))
    }
  }

  /// The answer, or gpgv's where gpg looks for keys in a daemon and not in the keyring that it was given.
  private func settled(_ answer: Answer, _ message: Descriptor?, _ signature: SignaturePacket) -> Answer {
    switch answer {
    case .good, .bad, .expired, .revoked: return answer
    case .unknownKey, .unsupported, .failed: break
    }
    guard let message, !keyring.candidates(for: signature).isEmpty, GnuPGKeyboxd.isUsed(by: program, patience) else {
      return answer
    }
    return GnuPGKeyboxd.judge(signature, message, keyring: keyringFile, gpg: program, patience)
  }

  private func replaceWhenDue() throws(GnuPGTrouble) {
    guard let running else { return }
    if kept == nil && keybox == nil && !keyboxFailed && asked >= settings.keyboxAfter {
      keybox = try? GnuPGKeybox(program: program, keyring: keyringFile, scratchFolder: settings.scratchFolder)
      keyboxFailed = keybox == nil
    }
    let hasBetter = !running.hasKeybox && keybox?.content() != nil
    guard hasBetter || running.asked >= settings.recycleAfter else { return }
    try drain()
    self.running = nil
  }

  private func launch() throws(GnuPGTrouble) -> Running {
    let box = keybox?.content() ?? kept?.content
    if keybox == nil, let standby = GnuPGStandby.take(program: program, origin: kept?.origin) {
      try standby.keyring.replace(with: keyringFile)
      return Running(process: standby.process, slots: standby.slots, hasKeybox: box != nil)
    }
    let slots = try Self.makeSlots()
    let ring = try Descriptor.memory()
    try ring.replace(with: keyringFile)
    let process = try Self.launch(program, slots: slots, keybox: box, keyring: ring)
    return Running(process: process, slots: slots, hasKeybox: box != nil)
  }

  static func makeSlots() throws(GnuPGTrouble) -> [Descriptor] {
    var slots: [Descriptor] = []
    for _ in 0..<slotCount { slots.append(try Descriptor.memory()) }
    return slots
  }

  /// A gpg that waits for questions in `slots`.
  ///
  /// - Parameter keyring: Everything that is in the keybox once more, for gpg's import leaves out what it does not
  ///   like.
  static func launch(
    _ program: String, slots: [Descriptor], keybox: [UInt8]?, keyring: Descriptor
  ) throws(GnuPGTrouble) -> GnuPGProcess {
    var keyrings = [keyring]
    if let keybox {
      keyrings.insert(try Descriptor.memory(), at: 0)
      try keyrings[0].replace(with: keybox)
    }
    let arguments = keyrings.indices.flatMap { ["--keyring", path(slotCount + $0)] }
    return try GnuPGProcess(
      program: program, arguments: GnuPGProgram.isolation + GnuPGProgram.noHome + arguments + ["--verify-files"],
      files: slots + keyrings)
  }
}
