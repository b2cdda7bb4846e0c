/// What one file of an image's folder is worth there.
package struct JudgedImageFile: Sendable {
  /// As it stands in the folder.
  package let name: [UInt8]
  /// From 1 on; nil where the name has none.
  package let number: Int?
  /// What was found in it.
  package let signature: ImageSignature
  /// What it counts for in its folder.
  package let standing: Standing

  /// What a file counts for in its folder.
  package enum Standing: Equatable, Sendable {
    /// A good signature of a maintainer over this very image, at a place where programs find it.
    case counts
    /// Good, and this maintainer gave the same statement in the file of that number.
    case duplicate(of: Int)
    /// Good, over another image: copied here.
    case wrongImage(String)
    /// Good or not: a lower number is missing, so programs stop reading before it.
    case hidden(behind: Int)
    /// Not named `signature-N`: no program reads it.
    case misnamed
    /// Not a good signature: see `signature`.
    case worthless
  }

  /// Why the file does not count, in one sentence without a full stop; nil when it does. Safe to print.
  package var objection: String? {
    switch standing {
    case .counts: nil
    case .duplicate(let number):
      "\(printable(signature.signer?.person ?? "")) signed the same already: \(ImageFile.name(of: number))"
    case .wrongImage(let text): "it was made for \(printable(text)), not for this folder"
    case .hidden(let number): "programs never read it: there is no \(ImageFile.name(of: number))"
    case .misnamed: "its name is not signature-N, so no program reads it"
    case .worthless: signature.objection
    }
  }
}

extension ImageJudge {
  /// Judges all files of one image's folder, in the order of their numbers.
  package func judge(_ files: [ImageFile], of image: ImageName) -> [JudgedImageFile] {
    let numbers = Set(files.compactMap { ImageFile.number(of: $0.name) })
    // Reading stops at the first gap: containers/image, docker_image_src.go, getSignaturesFromLookaside.
    var missing = 1
    while numbers.contains(missing) { missing += 1 }
    let sorted = files.sorted {
      (ImageFile.number(of: $0.name) ?? .max, String(decoding: $0.name, as: UTF8.self))
        < (ImageFile.number(of: $1.name) ?? .max, String(decoding: $1.name, as: UTF8.self))
    }
    var given: [Given: Int] = [:]
    return sorted.map { file in
      let signature = judge(file.content)
      let number = ImageFile.number(of: file.name)
      let standing: JudgedImageFile.Standing
      if let statement = signature.statement, statement.image != image {
        standing = .wrongImage("\(statement.reference)@sha256:\(statement.image.digest)")
      } else if let number, number > missing {
        standing = .hidden(behind: missing)
      } else if let number {
        standing = place(signature, number, &given)
      } else {
        standing = .misnamed
      }
      return JudgedImageFile(name: file.name, number: number, signature: signature, standing: standing)
    }
  }

  /// What a maintainer has stated already. By person: two keys of one person are one maintainer.
  private struct Given: Hashable {
    let person: String
    let statement: ImageStatement
  }

  private func place(_ signature: ImageSignature, _ number: Int, _ given: inout [Given: Int])
    -> JudgedImageFile.Standing
  {
    guard case .good(let statement, let signer) = signature else { return .worthless }
    let key = Given(person: signer.person, statement: statement)
    if let earlier = given[key] { return .duplicate(of: earlier) }
    given[key] = number
    return .counts
  }

  private func judge(_ content: ImageFile.Content) -> ImageSignature {
    switch content {
    case .bytes(let bytes): judge(bytes)
    case .oversize: .oversize
    case .notAFile: .notAFile
    case .unreadable(let text): .unreadable(text)
    }
  }
}
