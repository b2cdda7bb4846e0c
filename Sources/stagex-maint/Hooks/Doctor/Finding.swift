internal import Review

/// One thing that `hook doctor` has to say.
struct Finding: Equatable {
  enum Effect: String {
    /// Pushes to protected refs are let through unjudged.
    case failsOpen = "fails-open"
    /// Honest pushes are refused.
    case refuses
    /// Somebody else may turn the judgement off.
    case exposed
    /// A setting does not say what was meant.
    case mistake
    /// It could not be found out.
    case unknown
    case advice

    var isProblem: Bool { self != .advice && self != .unknown }
  }

  /// One stable word that scripts may rely on.
  let code: String
  let effect: Effect
  let text: String
  let next: String

  var json: JSONValue {
    .object(["code": .string(code), "effect": .string(effect.rawValue), "text": .string(text), "next": .string(next)])
  }
}

/// What the doctor collects.
struct Findings {
  private(set) var all: [Finding] = []

  mutating func add(_ code: String, _ effect: Finding.Effect, _ text: String, next: String) {
    let finding = Finding(code: code, effect: effect, text: text, next: next)
    if !all.contains(finding) { all.append(finding) }
  }
}
