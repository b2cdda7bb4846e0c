// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is compiled with: warnings are errors, and each use of an unsafe
/// construct is marked in the source, so that a reviewer can find all of them.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Tests drive C libraries and processes; they are held to the same warnings, not to the marks.
let strictTests: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
/// For tests only: see Sources/Review/Evidence/X509Certificate.swift.
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")

let package = Package(
  name: "stagex-maint",
  products: [
    .executable(name: "stagex-maint", targets: ["stagex-maint"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .systemLibrary(name: "Clibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
    // Debian has no file for pkg-config of it.
    .systemLibrary(name: "Cbz2", providers: [.apt(["libbz2-dev"])]),
    .systemLibrary(name: "Cgpgme", pkgConfig: "gpgme", providers: [.apt(["libgpgme-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "Csodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "Czlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CGitOffline"),
    .target(name: "Basics", swiftSettings: strict),
    .target(
      name: "GitBridge", dependencies: ["Basics", "Clibgit2", "CGitOffline", "CLinux", crypto], swiftSettings: strict),
    .target(
      name: "OpenPGP", dependencies: ["Basics", "Cbz2", "Cgpgme", "CLinux", "Csodium", "Czlib", crypto, cryptoExtras],
      swiftSettings: strict),
    .target(
      name: "Review",
      dependencies: ["Basics", "GitBridge", "OpenPGP", asn1, crypto, cryptoExtras],
      swiftSettings: strict),
    .target(
      name: "SignFlow",
      dependencies: ["Basics", "Review", "GitBridge", "OpenPGP", "Cgpgme", "CLinux", crypto, subprocess],
      swiftSettings: strict),
    .executableTarget(
      name: "stagex-maint",
      dependencies: [
        "Basics", "SignFlow", "Review", "GitBridge", "OpenPGP", crypto,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      // Links to hooks/, ci/ and docs/: the program carries what it installs.
      resources: [.embedInCode("Embedded")],
      swiftSettings: strict),

    .target(
      name: "Support", dependencies: ["GitBridge", "OpenPGP", asn1, crypto, cryptoExtras, subprocess, x509],
      path: "Tests/Support", swiftSettings: strictTests),
    .executableTarget(
      name: "openpgp-bench", dependencies: ["OpenPGP", "Support"], path: "Tests/OpenPGPBench",
      swiftSettings: strictTests),
    // A second reading of docs/rule.md: uses nothing of ours. Always optimised, for it is searched at random.
    .target(name: "RuleModel", path: "Tests/Model", swiftSettings: strictTests + [.unsafeFlags(["-O"])]),
    .testTarget(
      name: "ModelTests", dependencies: ["RuleModel", "Review", "GitBridge", "OpenPGP", "Support"],
      swiftSettings: strictTests),
    .testTarget(
      name: "AttackTests", dependencies: ["Review", "GitBridge", "OpenPGP", "Support"], path: "Tests/Attacks",
      swiftSettings: strictTests),
    .testTarget(name: "GitBridgeTests", dependencies: ["GitBridge", "Support"], swiftSettings: strictTests),
    .testTarget(name: "OpenPGPTests", dependencies: ["OpenPGP", "Support"], swiftSettings: strictTests),
    .testTarget(name: "ReviewTests", dependencies: ["Basics", "Review", "Support"], swiftSettings: strictTests),
    .testTarget(name: "SignFlowTests", dependencies: ["SignFlow", "Support"], swiftSettings: strictTests),
    .testTarget(name: "CommandTests", dependencies: ["Support", "stagex-maint"], swiftSettings: strictTests),
  ],
  swiftLanguageModes: [.v6]
)
