internal import GitBridge
internal import Glibc

/// A file's bytes, read-only, as long as this object lives.
@safe final class MappedFile {
  let bytes: UnsafeRawBufferPointer

  init?(_ file: Int32, size: Int) {
    guard size > 0, let start = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), unsafe start != MAP_FAILED
    else {
      return nil
    }
    unsafe bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}
