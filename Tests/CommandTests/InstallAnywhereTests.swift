import Foundation
import Support
import Testing

/// A released program as others install it. Minutes each, so only for a release that is named:
/// STAGEX_MAINT_RELEASE=dist/stagex-maint-…
@Suite(.serialized) struct InstallAnywhereTests {
  static let release = ProcessInfo.processInfo.environment["STAGEX_MAINT_RELEASE"]
  static func lacks(_ programs: String...) -> String? {
    if release == nil { return "STAGEX_MAINT_RELEASE names no released program" }
    if getuid() != 0 { return "only root can make a fresh root" }
    return programs.first { Tool.find($0) == nil }.map { "there is no \($0)" }
  }

  @Test(
    .enabled(if: lacks("debootstrap", "dpkg-deb") == nil, "needs STAGEX_MAINT_RELEASE, root and debootstrap"),
    arguments: ["bookworm", "trixie"])
  func `a package installs, runs the demonstration and goes again in a fresh root`(suite: String) throws {
    let folder = try TemporaryFolder()
    let package = try Tool.run("\(Tool.packageFolder)/scripts/deb", [Self.release!, folder.path], seconds: 600)
    try #require(package.status == 0, "\(package.errorText)")
    let tried = try Tool.run(
      "\(Tool.packageFolder)/scripts/try-package", [package.line, suite], environment: Self.kept, seconds: 3000)
    #expect(tried.status == 0, "\(tried.text)\(tried.errorText)")
    #expect(tried.text.contains("the demonstration passed") && tried.text.contains("nothing is left"), "\(tried.text)")
  }

  @Test(
    .enabled(if: lacks("debootstrap", "buildah") == nil, "needs STAGEX_MAINT_RELEASE, root, debootstrap and buildah"))
  func `both Containerfiles are built, and what comes out judges`() throws {
    let tried = try Tool.run(
      "\(Tool.packageFolder)/scripts/try-containers", [Self.release!], environment: Self.kept, seconds: 3000)
    #expect(tried.status == 0, "\(tried.text)\(tried.errorText)")
  }

  /// The twin: a program that takes everything is found out.
  @Test(
    .enabled(if: lacks("debootstrap", "buildah") == nil, "needs STAGEX_MAINT_RELEASE, root, debootstrap and buildah"))
  func `a container whose program accepts everything is found out`() throws {
    let folder = try TemporaryFolder()
    let program = try folder.write("stagex-maint", "#!/bin/sh\nexit 0\n", executable: true)
    let tried = try Tool.run(
      "\(Tool.packageFolder)/scripts/try-containers", [program], environment: Self.kept, seconds: 3000)
    #expect(tried.status == 1, "\(tried.text)\(tried.errorText)")
  }

  /// Where fresh roots are kept, a second run need not make them again.
  private static var kept: [String: String] {
    ProcessInfo.processInfo.environment["STAGEX_MAINT_ROOTS"].map { ["STAGEX_MAINT_ROOTS": $0] } ?? [:]
  }
}
