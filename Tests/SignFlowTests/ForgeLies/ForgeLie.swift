import Testing

/// One lie of a forge or of its git server, and what a person or a CI must learn of it.
///
/// Texts have places for what the world holds, `$HEAD`, `$STAGING`, `$EVIL`; see ``ForgeLieWorld/places``.
struct ForgeLie: Sendable, CustomTestStringConvertible {
  /// The lie in a sentence.
  let says: String
  /// Members of the answer about a request that are replaced, with JSON: on its page and in the list.
  var patch: [String: String] = [:]
  /// What is done to the request's page and to the list, as in `Tests/Forge/README.md`.
  var answer: String?
  /// Whole rules; they come before the others.
  var rules: [String] = []
  /// Refs of the server's that are elsewhere; an empty text takes one away.
  var refs: [String: String] = [:]
  /// The same for the repository that stands in for the server's where git reads; nil for no such.
  var shown: [String: String]?
  /// Symbolic refs of the one that stands in.
  var symbolic: [String: String] = [:]
  /// Which of the two requests is looked at: 1, which Alice can adopt, or 2, which she can merge.
  var request = 1
  var person = Person.looks
  /// How many signatures the person makes before `cosign` tells it. They go nowhere.
  var signatures = 0
  var cosign: Outcome?
  var queue: Outcome?
  /// What an honest screen would say of the request, where the lie is no lie about these.
  var base = "$STAGING"
  var words: [String] = []

  /// What the person does.
  enum Person: Sendable {
    /// Looks only.
    case looks
    /// Looks, and agrees to what is shown.
    case agrees
    /// Has agreed before the lie: to what the honest forge shows.
    case agreed
  }

  enum Outcome: Sendable {
    /// It ends with this status and says this; nothing of the person's reaches the server, and nothing is offered.
    case told(Int32, String)
    /// It goes on, and says this.
    case says(String)
    /// It goes on as with the honest forge.
    case honest
  }

  var testDescription: String { says }
}
