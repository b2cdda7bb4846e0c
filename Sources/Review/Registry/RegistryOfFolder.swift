extension Registry {
  /// The registry in a folder of the file system; nil when there is none.
  package static func readIfPresent(folder: String) throws -> Registry? {
    guard try readWholeFile(folder + "/" + MaintainersFile.path) != nil else { return nil }
    return try read(from: FolderFiles(folder: folder))
  }
}
