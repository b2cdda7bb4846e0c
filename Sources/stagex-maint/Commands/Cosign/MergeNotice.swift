internal import GitBridge
internal import Review
internal import SignFlow

/// Tells the forge that a request is merged.
extension CosignCommand {
  /// Tells the forge of a merge that an earlier run pushed before it was cut off.
  ///
  /// - Returns: Whether the forge had the request open and knows better now.
  func tellLate(
    _ forge: (any Forge)?, _ pull: PullRequestFacts, _ head: ObjectID, _ cosigner: Cosigner, _ console: Console
  ) -> Bool {
    guard pull.state == .open, let merge = try? cosigner.mergeOnBranch(of: head) else { return false }
    console.out("\(pull.name) is already in \(printable(pull.base)), by \(merge.short)")
    tell(forge, pull.number, merge, console)
    cosigner.forget()
    return true
  }

  /// A forge that is not told shows the request as open: a nuisance, no danger.
  func tell(_ forge: (any Forge)?, _ number: Int, _ merge: ObjectID, _ console: Console) {
    guard let forge else { return }
    let notice = waiting { () -> Result<MergeNotice, ForgeError> in
      do throws(ForgeError) {
        return .success(try await forge.markMerged(number, by: merge))
      } catch {
        return .failure(error)
      }
    }
    switch notice {
    case .success(.told): console.out("the forge has been told")
    case .success(.findsOut): break
    case .success(.notAllowed(let text)):
      console.err("note: the forge does not close it by itself (\(text)); close it in the browser")
    case .failure(let error):
      console.err("note: the forge could not be told: \(printable(error.message, limit: 300)); close it in the browser")
    }
  }
}
