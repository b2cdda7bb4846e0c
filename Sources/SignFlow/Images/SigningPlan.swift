internal import Dispatch
internal import Synchronization
package import Review

/// What is to be signed, decided before the card is touched for the first time.
package struct SigningPlan: Sendable {
  /// Held against the committed list and the image as built here, and not yet signed by this person.
  package let toSign: [ImageStatement]
  /// Signed by this person already, and well.
  package let signed: [ImageName]
  /// Never signed, each with the reason, safe to print.
  package let refused: [Refused]
  /// Not built here: left to whoever built them.
  package let notBuilt: [ImageName]

  /// An image that will not be signed.
  package struct Refused: Sendable, Equatable {
    /// Repository and digest.
    package let image: ImageName
    /// One sentence, safe to print.
    package let why: String
  }

  package init(toSign: [ImageStatement], signed: [ImageName], refused: [Refused], notBuilt: [ImageName]) {
    self.toSign = toSign
    self.signed = signed
    self.refused = refused
    self.notBuilt = notBuilt
  }

  /// Looks at every entry: the layout in `out/`, every blob of it, and the signatures that are there.
  ///
  /// Whoever signs states "I reproduced this". So what is signed is what lies here, byte for byte, and it has to be
  /// what the list says.
  ///
  /// - Parameters:
  ///   - entries: From the committed lists.
  ///   - tags: What the commit says of each tag.
  ///   - progress: Told how many entries have been looked at; from several threads.
  package static func make(
    _ entries: [DigestEntry], tags: [ImageName: CommittedTags.Answer] = [:], out: String, store: SignatureStore?,
    judge: ImageJudge,
    person: String, threads: Int, progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(FlowError) -> SigningPlan {
    let next = Atomic<Int>(0)
    let results = Mutex<[Finding?]>(Array(repeating: nil, count: entries.count))
    DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < entries.count else { return }
        let image = entries[index].image
        let finding = look(at: image, tags[image] ?? .notCovered, out: out, store: store, judge: judge, person: person)
        results.withLock { $0[index] = finding }
        progress(index + 1)
      }
    }
    var toSign: [ImageStatement] = []
    var signed: [ImageName] = []
    var refused: [Refused] = []
    var notBuilt: [ImageName] = []
    for (entry, finding) in zip(entries, results.withLock { $0 }) {
      switch finding {
      case .sign(let statement): toSign.append(statement)
      case .signed: signed.append(entry.image)
      case .notBuilt: notBuilt.append(entry.image)
      case .refused(let why): refused.append(Refused(image: entry.image, why: why))
      case nil: refused.append(Refused(image: entry.image, why: "it was not looked at"))
      }
    }
    return SigningPlan(toSign: toSign, signed: signed, refused: refused, notBuilt: notBuilt)
  }

  private enum Finding {
    case sign(ImageStatement)
    case signed
    case notBuilt
    case refused(String)
  }

  private static func look(
    at image: ImageName, _ covered: CommittedTags.Answer, out: String, store: SignatureStore?, judge: ImageJudge,
    person: String
  ) -> Finding {
    let path = "\(out)/\(image.package)"
    do throws(FlowError) {
      guard try OpenFolder.open(path: path) != nil else { return .notBuilt }
      // The index first: where the digest or the signature says it all, gigabytes need not be read.
      let quick = try OCILayout.read(folder: path, everyBlob: false)
      guard quick.digest == image.digest else {
        return .refused("built here as sha256:\(quick.digest), and the committed list says sha256:\(image.digest)")
      }
      switch covered {
      case .tag(quick.tag), .notCovered: break
      case .tag(let agreed):
        return .refused("built here with the tag \(printable(quick.tag)), and the commit says \(printable(agreed))")
      case .unknown(let why): return .refused("no commit says which tag it has: \(why)")
      }
      guard let statement = ImageStatement(image: image, tag: quick.tag) else { return .refused("its tag is not one") }
      if let store, try store.hasGoodSignature(of: person, over: statement, judge) { return .signed }
      let whole = try OCILayout.read(folder: path, everyBlob: true)
      guard whole.digest == quick.digest, whole.tag == quick.tag else {
        return .refused("it changed while it was read")
      }
      return .sign(statement)
    } catch {
      return .refused(error.message)
    }
  }
}

extension SignatureStore {
  /// Whether a file where programs find it is a good signature by this person over exactly this statement. What a
  /// file merely claims counts for nothing.
  package func hasGoodSignature(of person: String, over statement: ImageStatement, _ judge: ImageJudge)
    throws(FlowError) -> Bool
  {
    judge.judge(try files(of: statement.image), of: statement.image).contains { file in
      guard file.standing == .counts, case .good(let found, let signer) = file.signature else { return false }
      return found == statement && signer.person == person
    }
  }
}
