package import Review

/// A folder of image signatures, as podman reads it from a lookaside: `stagex/PACKAGE@sha256=DIGEST/signature-N`.
package struct SignatureStore: Sendable {
  /// The folder.
  package let path: String
  private let root: OpenFolder

  /// Nil when there is no such folder.
  package init?(path: String) throws(FlowError) {
    guard let root = try OpenFolder.open(path: path) else { return nil }
    self.path = path
    self.root = root
  }

  /// Everything that lies in an image's folder; nothing when there is none.
  package func files(of image: ImageName) throws(FlowError) -> [ImageFile] {
    switch try root.folder(path: image.folder) {
    case .absent: return []
    case .notAFolder: return [ImageFile(name: Array(image.folder.utf8), content: .notAFile)]
    case .folder(let folder):
      return try folder.names().map { name in
        ImageFile(name: name, content: folder.content(of: name, limit: ImageSignature.limit))
      }
    }
  }

  /// Every image that has a folder here, sorted.
  package func images(namespace: String) throws(FlowError) -> [ImageName] {
    guard case .folder(let folder) = try root.folder(path: namespace) else { return [] }
    return try folder.names().compactMap { ImageName(folder: Array("\(namespace)/".utf8) + $0) }.sorted()
  }

  /// What lies beside the images' folders and is none, safe to print: upper-case digests, forgotten files.
  package func strays(namespace: String) throws(FlowError) -> [String] {
    guard case .folder(let folder) = try root.folder(path: namespace) else { return [] }
    var strays: [String] = []
    for name in try folder.names() where ImageName(folder: Array("\(namespace)/".utf8) + name) == nil {
      // A folder of images with longer names, `stagex/group/package@sha256=…`.
      if !name.contains(UInt8(ascii: "@")), case .folder = try folder.folder(name) { continue }
      strays.append("\(printable(namespace))/\(printable(name, limit: 200))")
    }
    return strays
  }
}
