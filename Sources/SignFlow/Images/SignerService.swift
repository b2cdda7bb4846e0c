internal import Basics
internal import Glibc
internal import OpenPGP
package import Review

/// Answers StageX's script in gpg's place while `make sign` runs.
///
/// The script believes every file that claims a fingerprint, and has signed whatever it is told to. Here a file counts
/// as signed only when it is good for its very folder, and nothing is signed that is not in the plan which the person
/// has seen.
package final class SignerService {
  private let folder: String
  private let listener: Int32
  private let plan: SigningPlan
  private let judge: ImageJudge
  private let signing: ImageSigning
  private let identity: SignerIdentity
  /// Git's `user.signingkey`, by which the script names the key.
  private let wanted: String?
  /// The first thing that went wrong; the script itself only sees a status.
  package private(set) var stop: ImageSigning.Stop?
  /// How many signatures it has made.
  package private(set) var made = 0

  /// - Parameter program: The path of this program, which the script will call.
  package init(
    plan: SigningPlan, judge: ImageJudge, signing: ImageSigning, identity: SignerIdentity, wanted: String?,
    program: String,
    temporary: String
  ) throws(FlowError) {
    self.plan = plan
    self.judge = judge
    self.signing = signing
    self.identity = identity
    self.wanted = wanted
    var template = Array("\(temporary)/stagex-maint.XXXXXX".utf8).map { CChar(bitPattern: $0) } + [0]
    guard unsafe mkdtemp(&template) != nil else {
      throw FlowError(
        .impossible, "no folder can be made in \(printable(temporary)): \(errorText(errno))", next: "set TMPDIR")
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    listener = try LocalSocket.listen(at: folder + "/socket")
    for name in ["gpg", "gpgv"] {
      let words = [program, "image-signer", name, folder + "/socket"].map {
        "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
      }
      try AtomicFile.write(
        Array("#!/bin/sh\nexec \(words.joined(separator: " ")) \"$@\"\n".utf8), to: "\(folder)/\(name)")
      _ = unsafe chmod("\(folder)/\(name)", 0o700)
    }
  }

  deinit {
    close(listener)
    for name in ["gpg", "gpgv", "socket"] { _ = unsafe unlink("\(folder)/\(name)") }
    _ = unsafe rmdir(folder)
  }

  /// What puts our signer in gpg's place: StageX's own variables.
  package var environment: [String: String] {
    ["STAGEX_GPG": folder + "/gpg", "STAGEX_GPG_SIGN": folder + "/gpg", "STAGEX_GPGV": folder + "/gpgv"]
  }

  /// Answers one call if one comes within a tenth of a second.
  package func serve(by signer: inout some MaintainerSigner, done: (ImageStatement) -> Void) {
    guard let caller = LocalSocket.accept(listener, milliseconds: 100) else { return }
    defer { close(caller) }
    let messages = Messages(descriptor: caller)
    guard let parts = messages.receive(), parts.count >= 3 else { return }
    let words = parts.dropFirst(3).map { String(decoding: $0, as: UTF8.self) }
    let work = String(decoding: parts[1], as: UTF8.self)
    let call = parts[0] == Array("gpgv".utf8) ? GPGCall.gpgv(words) : GPGCall.gpg(words)
    var reply: GPGReply
    switch call {
    case .listKeys(let key): reply = listKeys(key)
    case .whoSigned(let file): reply = whoSigned(file.hasPrefix("/") ? file : "\(work)/\(file)")
    case .sign(let output):
      reply = sign(parts[2], by: &signer, done: done)
      if reply.status == 0, let output {
        do throws(FlowError) {
          try AtomicFile.write(reply.output, to: output.hasPrefix("/") ? output : "\(work)/\(output)")
          reply.output = []
        } catch { reply = .refusal(error.message) }
      }
    case .notUnderstood(let what):
      reply = .refusal("the call \(printable(what)) is not one that make sign makes")
      stop =
        stop
        ?? .flow(
          FlowError(
            .refused, "make sign called gpg in a way that is not understood: \(printable(what))",
            next: "stagex-maint sign --no-make"))
    }
    _ = messages.send([[reply.status], reply.output, Array(reply.errors.utf8)])
  }

  /// Only the signer's own key is listed: the script asks for nothing else, and its comparison with the key that a
  /// file claims fails for everybody else's.
  private func listKeys(_ key: String) -> GPGReply {
    let hex = identity.primary.hex
    let named = key.uppercased()
    let isOurs = [hex, identity.signing.hex].contains { $0 == named || (named.utf8.count >= 16 && $0.hasSuffix(named)) }
    guard isOurs || (wanted != nil && key == wanted) else {
      return GPGReply(status: 2, errors: "gpg: error reading key: No public key\n")
    }
    return GPGReply(output: Array("pub:u:::\(hex.suffix(16))::::::scSC:\nfpr:::::::::\(hex):\n".utf8))
  }

  private func whoSigned(_ file: String) -> GPGReply {
    let nobody = GPGReply(status: 1, errors: "gpgv: no good signature of yours\n")
    let parts = file.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    // …/signatures/stagex/PACKAGE@sha256=DIGEST/signature-N
    guard parts.count > 3,
      let image = ImageName(
        folder: Array(parts[(parts.count - 3)...(parts.count - 2)].joined(separator: [UInt8(ascii: "/")]))),
      let store = try? SignatureStore(
        path: parts[..<(parts.count - 3)].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")),
      let files = try? store.files(of: image)
    else { return nobody }
    let name = Array(parts[parts.count - 1])
    let own = judge.judge(files, of: image).contains {
      $0.name == name && $0.standing == .counts && $0.signature.signer?.person == identity.person
    }
    guard own else { return nobody }
    return GPGReply(errors: "gpgv:                using checked key \(identity.primary.hex)\n")
  }

  private func sign(_ payload: [UInt8], by signer: inout some MaintainerSigner, done: (ImageStatement) -> Void)
    -> GPGReply
  {
    func refuse(_ why: String, _ next: String) -> GPGReply {
      stop = stop ?? .flow(FlowError(.refused, why, next: next))
      return .refusal(why)
    }
    // A Makefile that goes on after a missed touch must not make the card ask again and again.
    guard stop == nil else { return .refusal("nothing more is signed in this run") }
    let statement: ImageStatement
    do throws(ImageStatement.Defect) {
      statement = try ImageStatement.read(payload)
    } catch {
      return refuse("make sign asked to sign something else than an image", "look at the script that make sign runs")
    }
    guard plan.toSign.contains(statement) else {
      let known = plan.refused.first { $0.image == statement.image }
      return refuse(
        """
        make sign asked to sign \(statement.reference)@sha256:\(statement.image.digest.prefix(12)), \
        which is not in the list that you confirmed
        """
          + (known.map { ": \($0.why)" } ?? ""), "stagex-maint sign --dry-run")
    }
    do throws(ImageSigning.Stop) {
      let (message, isNew) = try signing.message(statement, by: &signer)
      if isNew { made += 1 }
      done(statement)
      return GPGReply(output: message)
    } catch {
      stop = stop ?? error
      return .refusal("nothing was signed")
    }
  }
}
