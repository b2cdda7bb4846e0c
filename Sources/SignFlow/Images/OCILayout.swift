internal import Basics
internal import Crypto
internal import Review

/// An image as it was built here: an OCI image layout (image-layout.md of the OCI image specification), whose
/// `index.json` leads, perhaps through an index blob, to exactly one manifest.
package struct OCILayout: Sendable {
  /// Of the manifest: `sha256:` and 64 digits.
  package let digest: String
  /// The annotation `org.opencontainers.image.ref.name`: the tag under which the image is published.
  package let tag: String

  private static let documentLimit = 4 << 20
  private static let indexTypes = [
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
  ]

  /// Follows the index to the manifest. With `everyBlob` the SHA-256 of everything that the manifest names is
  /// recomputed: a digest that leads to damaged or exchanged layers is not what the person built.
  package static func read(folder path: String, everyBlob: Bool) throws(FlowError) -> OCILayout {
    guard let folder = try OpenFolder.open(path: path) else {
      throw FlowError(
        .refused, "\(printable(path)) is missing: the image was not built here", next: "make, or leave the package out")
    }
    let reader = LayoutReader(path: path, folder: folder)
    guard let bytes = try folder.file("index.json", limit: documentLimit) else {
      throw reader.refuse("there is no index.json")
    }
    let index = try reader.json(bytes, "index.json")
    var entry = try reader.onlyManifest(of: index, "index.json")
    guard let tag = entry["annotations"]?["org.opencontainers.image.ref.name"]?.string, ImageName.isTag(tag.utf8) else {
      throw reader.refuse("index.json names no tag (org.opencontainers.image.ref.name)")
    }
    // Builders lay one more index between; deeper nesting is nothing that StageX makes.
    if let type = entry["mediaType"]?.string, indexTypes.contains(type) {
      entry = try reader.onlyManifest(of: try reader.json(try reader.blob(entry), "the inner index"), "the inner index")
    }
    let manifest = try reader.json(try reader.blob(entry), "the manifest")
    guard let config = manifest["config"], case .array(let layers)? = manifest["layers"] else {
      throw reader.refuse("the manifest names no configuration or no layers")
    }
    if everyBlob {
      for part in [config] + layers { try reader.check(part) }
    }
    return OCILayout(digest: try reader.digest(entry), tag: tag)
  }
}

private struct LayoutReader {
  let path: String
  let folder: OpenFolder

  func refuse(_ why: String) -> FlowError {
    FlowError(.refused, "\(printable(path)): \(why)", next: "build the package again, then make digests")
  }

  func json(_ bytes: [UInt8], _ what: String) throws(FlowError) -> JSONValue {
    do throws(JSONDefect) {
      return try JSONValue.read(bytes, limit: 4 << 20)
    } catch {
      throw refuse("\(what) is not JSON that is read here: \(printable(error.message))")
    }
  }

  /// The one entry of an index. Several would leave open which of them is meant.
  func onlyManifest(of index: JSONValue, _ what: String) throws(FlowError) -> JSONValue {
    guard case .array(let entries)? = index["manifests"], entries.count == 1 else {
      throw refuse("\(what) does not name exactly one manifest")
    }
    return entries[0]
  }

  /// The hexadecimal part of a descriptor's digest.
  func digest(_ descriptor: JSONValue) throws(FlowError) -> String {
    guard let text = descriptor["digest"]?.string, text.hasPrefix("sha256:"), ImageName.isDigest(text.utf8.dropFirst(7))
    else {
      throw refuse("a digest is not SHA-256 in lower case")
    }
    return String(text.dropFirst(7))
  }

  /// The bytes of a small blob, held against its digest.
  func blob(_ descriptor: JSONValue) throws(FlowError) -> [UInt8] {
    let name = try digest(descriptor)
    guard case .folder(let blobs) = try folder.folder(path: "blobs/sha256"),
      let bytes = try blobs.file(name, limit: 4 << 20)
    else {
      throw refuse("the blob \(name.prefix(12)) is missing")
    }
    guard hexadecimal(SHA256.hash(data: bytes)) == name else {
      throw refuse("the blob \(name.prefix(12)) does not have the digest it is named by")
    }
    return bytes
  }

  /// Recomputes the digest of a blob of any size.
  func check(_ descriptor: JSONValue) throws(FlowError) {
    let name = try digest(descriptor)
    guard let size = descriptor["size"]?.integer, size >= 0 else {
      throw refuse("the blob \(name.prefix(12)) has no size")
    }
    guard case .folder(let blobs) = try folder.folder(path: "blobs/sha256") else {
      throw refuse("there is no folder blobs/sha256")
    }
    var hash = SHA256()
    let whole = try unsafe blobs.read(name, size: Int(size)) { unsafe hash.update(bufferPointer: $0) }
    guard whole, hexadecimal(hash.finalize()) == name else {
      throw refuse(
        "the blob \(name.prefix(12)) is missing, or does not have the size and digest that the manifest names")
    }
  }
}
