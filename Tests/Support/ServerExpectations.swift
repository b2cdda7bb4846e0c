import Foundation
import Testing

extension Server {
  /// Pushes what has to be refused, and expects: git says so, the pusher reads `error:` first and each code after
  /// it in lines under 80 columns, and the repository holds not one ref or object more or less than before.
  /// - Parameter about: what the pusher must be told by name: a code, a commit's id (its first seven digits suffice), a
  ///   ref.
  /// - Returns: what the pusher saw of the server's words.
  @discardableResult
  package func expectRefused(
    _ about: String..., sourceLocation: SourceLocation = #_sourceLocation, push: () async throws -> Finished
  ) async throws -> [String] {
    let before = try await state()
    let result = try await push()
    let remote = result.remote
    let said = remote.joined(separator: "\n")
    #expect(result.status != 0, sourceLocation: sourceLocation)
    #expect(remote.first?.hasPrefix("error:") == true, "\(result.error)", sourceLocation: sourceLocation)
    for words in about {
      #expect(said.contains(words), "not told: \(words)\n\(said)", sourceLocation: sourceLocation)
    }
    for line in remote {
      let breakable = line.drop { $0 == " " }.contains(" ")  // a path alone on its line is as long as it is
      #expect(!breakable || line.count + "remote: ".count < 80, "\(line)", sourceLocation: sourceLocation)
      #expect(!line.contains("\u{1B}"), sourceLocation: sourceLocation)
    }
    let after = try await state()
    #expect(after == before, sourceLocation: sourceLocation)
    return remote
  }

  /// Pushes what has to be accepted, and expects that the ref, a branch or a full name, then points at the object.
  package func expectAccepted(
    _ ref: String, at object: String?, sourceLocation: SourceLocation = #_sourceLocation,
    push: () async throws -> Finished
  ) async throws {
    let result = try await push()
    #expect(result.status == 0, "\(result.error)", sourceLocation: sourceLocation)
    let tip = try await tip(ref)
    #expect(tip == object, sourceLocation: sourceLocation)
  }
}

extension String {
  /// A commit's id as people are shown it.
  package var short: String { String(prefix(7)) }
}
