internal import OpenPGP
internal import Synchronization

/// GnuPG's processes for one keyring, taken out by one thread at a time and put back afterwards.
final class EnginePool: Sendable {
  private let keyring: Keyring
  private let choice: EngineChoice
  private let shelf: KeyboxShelf?
  private let idle = Mutex<[IdleEngine]>([])

  /// An engine that nobody uses at the moment. Engines are not for several threads; the pool hands
  /// each to one thread only.
  private struct IdleEngine: @unchecked Sendable {
    let engine: GnuPGEngine
  }

  init(keyring: Keyring, choice: EngineChoice, shelf: KeyboxShelf?) {
    self.keyring = keyring
    self.choice = choice
    self.shelf = shelf
  }

  /// Keeps a keybox for the next process where there was none for this one. Takes as long as gpg needs to make it.
  func keepKeybox() {
    guard let shelf, let engine = idle.withLock({ $0.last }) else { return }
    if let made = engine.engine.makeKeybox() { shelf.keep(made) }
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
    let engine = takeOut()
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

  private func takeOut() -> GnuPGEngine {
    idle.withLock { $0.popLast() }?.engine ?? makeEngine()
  }

  private func makeEngine() -> GnuPGEngine {
    var settings = GnuPGEngine.Settings()
    settings.kept = shelf?.kept
    return GnuPGEngine(keyring: keyring, settings: settings)
  }

  private func putBack(_ engine: GnuPGEngine) {
    let entry = IdleEngine(engine: engine)
    idle.withLock { $0.append(entry) }
  }
}
