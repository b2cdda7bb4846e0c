#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The bytes of a C string without its NUL; nil for a null pointer.
func cBytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
  guard let text = unsafe text else { return nil }
  return unsafe Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
}
