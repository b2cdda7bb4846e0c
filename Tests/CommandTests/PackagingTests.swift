import Foundation
import Support
import Testing

/// What is made of the program for others to install.
@Suite struct PackagingTests {
  @Test(.enabled(if: Tool.find("dpkg-deb") != nil, "needs dpkg-deb"))
  func `a Debian package, the same each time, with all that it should hold`() throws {
    let folder = try TemporaryFolder()
    // The package's own program in its place, so that compressing a debug build does not take a minute.
    let program = try folder.write(
      "stagex-maint", "#!/bin/sh\nexec \(ServerProgram.command) \"$@\"\n", executable: true)
    func make(_ name: String) throws -> String {
      let made = try Tool.succeed("\(Tool.packageFolder)/scripts/deb", [program, "\(folder.path)/\(name)"])
      return made.line
    }
    let (first, second) = (try make("one"), try make("two"))
    #expect(try Tool.run("cmp", [first, second]).status == 0)
    let list = try Tool.succeed("dpkg-deb", ["--contents", first]).text
    for path in [
      "usr/bin/stagex-maint", "usr/share/man/man1/stagex-maint-keys-fetch.1.gz",
      "usr/share/bash-completion/completions/stagex-maint",
      "usr/share/zsh/vendor-completions/_stagex-maint", "usr/share/fish/vendor_completions.d/stagex-maint.fish",
      "usr/share/stagex-maint/hooks/pre-receive",
      "usr/share/stagex-maint/ci/github.yml", "usr/share/doc/stagex-maint/copyright",
      "usr/share/doc/stagex-maint/changelog.gz",
    ] { #expect(list.contains("./\(path)\n"), "\(path)") }
    #expect(list.split(separator: "\n").allSatisfy { $0.contains("root/root") })
    let control = try Tool.succeed("dpkg-deb", ["--field", first]).text
    for line in ["Package: stagex-maint", "Version: 0.", "Depends: libc6 (>= ", "git, gpg"] {
      #expect(control.contains(line), "\(control)")
    }
    try Tool.succeed("dpkg-deb", ["--extract", first, "\(folder.path)/root"])
    #expect(try Tool.run("\(folder.path)/root/usr/bin/stagex-maint", ["--version"]).status == 0)
  }

  /// SPDX 2.3, as far as its rules can be held against a document without its library.
  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: Tool.packageFolder + "/Package.resolved")
        && FileManager.default.fileExists(atPath: Tool.packageFolder + "/.git")))
  func `the bill of materials keeps SPDX's rules, and is the same each time`() throws {
    let folder = try TemporaryFolder()
    let program = try folder.write("stagex-maint-0-linux-test", "a program")
    func make() throws -> Tool.Result {
      try Tool.succeed(
        "\(Tool.packageFolder)/scripts/bill-of-materials", [program],
        environment: ["HOME": folder.path, "GIT_CONFIG_GLOBAL": try safe(folder)])
    }
    let (bytes, again) = (try make(), try make())
    #expect(bytes.output == again.output)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(bytes.output)) as? [String: Any])
    #expect(
      document["spdxVersion"] as? String == "SPDX-2.3" && document["dataLicense"] as? String == "CC0-1.0"
        && document["SPDXID"] as? String == "SPDXRef-DOCUMENT")
    let namespace = try #require(document["documentNamespace"] as? String)
    #expect(namespace.hasPrefix("https://") && !namespace.contains("#"))
    let created = try #require((document["creationInfo"] as? [String: Any])?["created"] as? String)
    #expect(created.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/#) != nil)
    let packages = try #require(document["packages"] as? [[String: Any]])
    var ids: Set<String> = ["SPDXRef-DOCUMENT"]
    for package in packages {
      let id = try #require(package["SPDXID"] as? String)
      #expect(id.wholeMatch(of: #/SPDXRef-[A-Za-z0-9.\-]+/#) != nil && ids.insert(id).inserted, "\(id)")
      for member in ["name", "versionInfo", "downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText"]
      {
        #expect((package[member] as? String)?.isEmpty == false, "\(id): \(member)")
      }
    }
    for relationship in try #require(document["relationships"] as? [[String: Any]]) {
      for member in ["spdxElementId", "relatedSpdxElement"] {
        #expect(ids.contains(relationship[member] as? String ?? ""), "\(relationship)")
      }
    }
    let sum = try Tool.succeed("sha256sum", [program]).text.prefix(64)
    #expect(((packages[0]["checksums"] as? [[String: String]])?.first?["checksumValue"]) == String(sum))
    for name in ["swift-crypto", "libgit2", "gpgme", "libsodium", "swift-toolchain"] {
      #expect(packages.contains { $0["name"] as? String == name }, "\(name)")
    }
  }

  /// A checkout of somebody else's, as in a container, is no obstacle.
  private func safe(_ folder: TemporaryFolder) throws -> String {
    try folder.write("gitconfig", "[safe]\n\tdirectory = *\n")
  }
}
