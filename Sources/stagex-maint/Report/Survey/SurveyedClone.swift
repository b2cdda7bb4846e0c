internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review

/// A clone as it was named: a path, or `NAME=PATH`.
struct SurveyedClone {
  let name: String
  let repository: Repository
  let link: CommitLink?

  init(_ argument: String, link: String?) throws {
    var (name, path): (String?, String) = (nil, argument)
    if let equals = argument.firstIndex(of: "="), !argument[..<equals].isEmpty, !argument[..<equals].contains("/") {
      (name, path) = (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
    }
    do throws(GitError) {
      repository = try Repository.open(path: path)
    } catch {
      throw Failure.cannotJudge(error)
    }
    self.name = name ?? Self.name(of: repository)
    self.link = try link.map { try CommitLink(option: $0) } ?? CommitLink(remoteOf: repository)
  }

  /// The folder's name, as git names a clone.
  private static func name(of repository: Repository) -> String {
    let folder = repository.workTree ?? repository.gitDirectory
    var name = folder.split(separator: "/").last.map(String.init) ?? folder
    if name.hasSuffix(".git"), name.count > 4 { name.removeLast(4) }
    return name
  }
}
