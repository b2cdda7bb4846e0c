/// Whether keys are judged as they are now (hook, gate, cosign) or as they were then (audit).
package enum Moment: Sendable {
  case now
  case then
}
