import Foundation
import OpenPGP
import Review
import SignFlow
import Support
import Testing

/// How counting grows. The bounds are for a debug build on a busy machine; what a release build needs is measured by
///
///     IMAGES_BENCH=/tmp/bench swift test --filter ImagesSpeedTests      # leaves the folders there
///     time stagex-maint signatures verify --engine native --registry /tmp/bench/registry \
///       --digests /tmp/bench/digests --signatures /tmp/bench/signatures --format json
@Suite struct ImagesSpeedTests {
  let team = ImageTeam(["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"])

  /// Writes lists and signatures: `digests` images by each of the first `signers`.
  private func write(_ digests: Int, signers: Int, into folder: String) throws -> [DigestEntry] {
    for name in ["digests", "signatures/stagex", "registry/keys"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    for (name, text) in team.registry() {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/registry/\(name)"))
    }
    var list = ""
    var entries: [DigestEntry] = []
    for number in 0..<digests {
      let hex = String(number, radix: 16)
      let digest = String(repeating: "0", count: 64 - hex.count) + hex
      let image = ImageName(repository: "stagex/core-package\(number)", digest: digest)!
      list += "\(digest) core-package\(number)\n"
      entries.append(DigestEntry(image: image, list: "core"))
      let place = "\(folder)/signatures/\(image.folder)"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
      for (index, member) in team.members.prefix(signers).enumerated() {
        let file = FileManager.default.createFile(
          atPath: "\(place)/signature-\(index + 1)",
          contents: Data(member.sign("stagex/core-package\(number):1", digest)))
        #expect(file)
      }
    }
    try Data(list.utf8).write(to: URL(fileURLWithPath: "\(folder)/digests/core.txt"))
    return entries
  }

  @Test func `Counting is linear in the files`() throws {
    let kept = ProcessInfo.processInfo.environment["IMAGES_BENCH"]
    let folder = try TemporaryFolder()
    let judge = try ImageBench.judge(team)
    func seconds(_ digests: Int) throws -> Double {
      let path = "\(kept ?? folder.path)/\(digests)"
      let entries = try write(digests, signers: 8, into: path)
      let store = try SignatureStore(path: path + "/signatures")
      let began = ContinuousClock.now
      let report = try QuorumReport.make(entries, store: store, judge: judge, threshold: 2, threads: 2)
      #expect(report.outcome == .accepted)
      #expect(report.images.allSatisfy { $0.signers.count == 8 })
      return (ContinuousClock.now - began) / .seconds(1)
    }
    let small = try seconds(kept == nil ? 50 : 500)
    let large = try seconds(kept == nil ? 500 : 6250)
    print("counting: \(small) s and \(large) s")
    // Ten times as many files: quadratic work would take a hundred times as long.
    #expect(large < small * 40 + 1)
  }
}
