internal import GitBridge
internal import OpenPGP

/// The circumstances of one step: whose rules, which moment, what is revoked for all time.
final class StepTerms: Sendable {
  let rules: Rules
  let signatures: SignatureTerms
  let step: StepRules

  init(rules: Rules, signatures: SignatureTerms, step: StepRules) {
    self.rules = rules
    self.signatures = signatures
    self.step = step
  }

  var loaded: LoadedRegistry { rules.loaded }
}
