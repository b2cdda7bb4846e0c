/// What a package's own file, StageX's `packages/STAGE/NAME/package.toml`, says of its version: `[package] version`.
///
/// - Returns: Nil where it names none.
package func packageVersion(_ bytes: [UInt8], named name: String) throws(FileDefect) -> String? {
  guard case .table(let package)? = try readTOML(bytes, named: name)["package"] else {
    throw FileDefect("\(name) has no [package]")
  }
  switch package["version"] {
  case nil: return nil
  case .string(let version)?: return version
  default: throw FileDefect("\(name): version is not text")
  }
}
