package import GitBridge
internal import Glibc
internal import Review

/// The mirror of a project that is checked: a bare repository that is only ever fetched into.
package enum CheckMirror {
  /// Opens the mirror; makes it where there is none.
  package static func open(_ places: CheckPlaces, environment: [String: String], mayPrompt: Bool) throws(CosignError)
    -> (Repository, GitRunner)
  {
    let git = GitRunner(gitDirectory: places.mirror, environment: environment, mayPrompt: mayPrompt)
    if unsafe access(places.mirror + "/HEAD", F_OK) != 0 {
      do throws(FlowError) {
        try CheckPlaces.makeFolder(places.mirror)
      } catch {
        throw .git(operation: "make the mirror", text: error.message)
      }
      _ = try git.succeed("make the mirror", ["init", "--quiet", "--bare", "--template="])
    }
    // Also where the address is written in another way than the last time.
    _ = try git.succeed("set the address", ["config", "remote.origin.url", places.address])
    do throws(GitError) {
      return (try Repository.open(path: places.mirror), git)
    } catch {
      throw .repository(error)
    }
  }
}
