internal import OpenPGP
internal import Review

/// Signs through a program that keeps the key elsewhere, as Qubes Split GPG does (`qubes-gpg-client-wrapper`).
/// Only for projects whose policy allows it: nothing is known of a card there.
package final class SplitGPGSigner: MaintainerSigner {
  /// What the other machine signs with.
  package let key: SigningKey
  /// Who signs, and with what.
  package var identity: SignerIdentity { key.identity }

  private let program: ChildProgram
  private var name: String { printable(program.name) }
  private let proof: SignatureProof
  private let clock: () -> Int64

  /// Starts no program yet.
  package init(_ key: SigningKey, program: ChildProgram, clock: @escaping () -> Int64) {
    self.key = key
    self.program = program
    self.clock = clock
    proof = SignatureProof(key)
  }

  package func detachedSignature(over payload: [UInt8]) throws(SigningError) -> [UInt8] { try sign(payload).armor }

  package func signedMessage(over content: [UInt8]) throws(SigningError) -> [UInt8] {
    let packet = try sign(content).packet
    guard let message = SignFlow.signedMessage(content, packet) else { throw .notVerified("it does not name its key") }
    return message
  }

  private func sign(_ payload: [UInt8]) throws(SigningError) -> (armor: [UInt8], packet: SignaturePacket) {
    let result: ChildProgram.Result
    do throws(ChildProgram.Failure) {
      result = try program.run(
        ["--batch", "--armor", "--detach-sign", "--local-user", key.signing.hex + "!"], input: payload,
        outputLimit: 1 << 16)
    } catch {
      throw .splitGPGFailed(program: name, text: printable(error.message))
    }
    guard result.status == 0 else {
      let lines = result.errors.split(separator: UInt8(ascii: "\n"))
      throw .splitGPGFailed(program: name, text: lines.last.map { printable($0) } ?? "")
    }
    do throws(SigningError) {
      let packet = try proof.begin(result.output, over: payload, clock: clock())
      try proof.settleAll()
      return (result.output, packet)
    } catch .notVerified(let why) {
      throw .splitGPGFailed(program: name, text: "what it returned was thrown away: \(why)")
    } catch .otherSigner(_, let found) {
      throw .splitGPGFailed(
        program: name, text: "it signed with \(found) instead of \(key.signing); the signature was thrown away")
    }
  }
}
