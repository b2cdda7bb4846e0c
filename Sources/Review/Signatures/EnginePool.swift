internal import OpenPGP
internal import Synchronization

/// GnuPG's processes for one keyring, taken out by one thread at a time and put back afterwards.
final class EnginePool: Sendable {
  private let keyring: Keyring
  private let choice: EngineChoice
  private let shelf: KeyboxShelf?
  private let deadline: ContinuousClock.Instant?
  private let idle = Mutex<[IdleEngine]>([])
  /// Made by the first engine that has many questions, for all of them. Held while it is made: the others need it too.
  /// The outer nil stands for not tried yet: where gpg hangs, it is waited for once.
  private let made = Mutex<KeptKeybox??>(nil)
  /// Questions at once from which on a keybox pays before the first.
  private static let many = 64

  /// An engine that nobody uses at the moment. Engines are not for several threads; the pool hands
  /// each to one thread only.
  private struct IdleEngine: @unchecked Sendable {
    let engine: GnuPGEngine
  }

  init(keyring: Keyring, choice: EngineChoice, shelf: KeyboxShelf?, deadline: ContinuousClock.Instant?) {
    self.deadline = deadline
    self.keyring = keyring
    self.choice = choice
    self.shelf = shelf
  }

  /// Keeps a keybox for the next process where there was none for this one. Takes as long as gpg needs to make it.
  func keepKeybox() {
    guard let shelf, let engine = idle.withLock({ $0.last }) else { return }
    let new = made.withLock { $0 ?? nil } ?? engine.engine.makeKeybox()
    if let new, new.origin != shelf.kept?.origin { shelf.keep(new) }
  }

  /// Starts one process, so that its start-up runs beside the reading of the first objects.
  func warmUp() {
    guard choice == .both else { return }
    let engine = makeEngine()
    engine.start()
    putBack(engine)
  }

  /// The answers, in the order of the questions.
  func judge(_ questions: [Question]) -> [Answer] {
    let engine = takeOut(for: questions.count)
    defer { putBack(engine) }
    var answers: [Answer] = []
    answers.reserveCapacity(questions.count)
    for question in questions { answers += engine.submit(question) }
    answers += engine.finish()
    // Answers are told apart by their order: one too many, and each would speak of another question.
    guard answers.count == questions.count else {
      return questions.map { _ in .failed("GnuPG gave \(answers.count) answers to \(questions.count) questions") }
    }
    return answers
  }

  private func takeOut(for questions: Int) -> GnuPGEngine {
    if let waiting = idle.withLock({ $0.popLast() }) { return waiting.engine }
    guard questions >= Self.many else { return makeEngine() }
    return made.withLock { made in
      if let tried = made { return makeEngine(tried) }
      let engine = makeEngine()
      engine.expectMany()
      made = .some(engine.shared)
      return engine
    }
  }

  private func makeEngine(_ made: KeptKeybox? = nil) -> GnuPGEngine {
    var settings = GnuPGEngine.Settings()
    settings.kept = made ?? shelf?.kept
    settings.deadline = deadline
    return GnuPGEngine(keyring: keyring, settings: settings)
  }

  private func putBack(_ engine: GnuPGEngine) {
    let entry = IdleEngine(engine: engine)
    idle.withLock { $0.append(entry) }
  }
}
