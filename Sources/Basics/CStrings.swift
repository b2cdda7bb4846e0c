internal import Glibc

/// Lends strings as a null-terminated array of C strings, as `argv` and `envp` are given to a program.
@unsafe package func withCStrings<R>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
  var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) } + [nil]
  defer { for unsafe pointer in unsafe pointers { unsafe free(pointer) } }
  return unsafe pointers.withUnsafeMutableBufferPointer { unsafe body(UnsafePointer($0.baseAddress!)) }
}
