internal import Cgpgme
internal import Glibc
internal import Synchronization

/// GPGME has one loop for all operations that somebody waits for from outside: whoever looks for his own also runs the
/// callbacks of everybody else's. So only one thread at a time may start such an operation, or look.
enum GPGMELoop {
  private static let lock = Mutex(())

  static func alone<Value>(_ body: () -> Value) -> Value { lock.withLock { _ in body() } }
}

/// Watches one signature come about, and says when the person has to do something. A class: GPGME's callbacks get a
/// pointer to it.
final class SigningWatch {
  /// The program that asks for the PIN; 0 while none does.
  var prompt: pid_t = 0
  private let report: (SigningEvent) -> Void
  private var quiet = ContinuousClock.now
  private var (toldPrompt, toldWaiting) = (false, false)

  init(_ report: @escaping (SigningEvent) -> Void) { self.report = report }

  /// Whether the program that asks for the PIN is still there: until it ends, the terminal may be its own.
  private var isPrompting: Bool { prompt > 0 && (kill(prompt, 0) == 0 || errno == EPERM) }

  /// From now on the person may have to do something.
  func begin() {
    quiet = .now
    (toldPrompt, toldWaiting) = (false, false)
  }

  /// To be called again and again while the card works.
  func look() {
    let now = ContinuousClock.now
    if isPrompting {
      quiet = now
      if !toldPrompt { report(.pinPrompt) }
      toldPrompt = true
    }
    // scdaemon does not say that the card blinks.
    if !toldWaiting, now - quiet > .seconds(1) {
      toldWaiting = true
      report(.waiting)
    }
  }

  /// Waits for the context's operation to end.
  ///
  /// - Returns: The operation's error, or the one that the agent answered with; 0 for success.
  func wait(_ context: gpgme_ctx_t?) -> gpgme_error_t {
    let started = ContinuousClock.now
    begin()
    while true {
      var (status, answer): (gpgme_error_t, gpgme_error_t) = (0, 0)
      let isDone = GPGMELoop.alone { unsafe gpgme_wait_ext(context, &status, &answer, 0) != nil }
      if isDone { return status == 0 ? answer : status }
      look()
      // A card that needs no touch has signed by then; a person is slower.
      usleep(ContinuousClock.now - started < .milliseconds(100) ? 200 : 2000)
    }
  }
}
