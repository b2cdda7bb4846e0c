internal import Czlib

/// Decompresses what a compressed data packet holds, up to a limit.
enum Inflate {
  /// How the octets are wrapped (RFC 9580, section 9.4).
  enum Format {
    /// Algorithm 1, ZIP: raw DEFLATE.
    case raw
    /// Algorithm 2, ZLIB: with a header and a checksum.
    case zlib
  }

  /// The content of `bytes`, which must be one complete stream with nothing behind it, and come to `limit` octets at
  /// most: a kilobyte can unfold to a megabyte, and so on in layers (CVE-2013-4402).
  static func decompress(_ bytes: [UInt8], _ format: Format, limit: Int) throws(ParseError) -> [UInt8] {
    var stream = unsafe z_stream()
    // A negative number of window bits means that there is no header.
    guard unsafe czlib_inflate_init(&stream, format == .raw ? -15 : 15) == Z_OK else {
      throw ParseError("compressed data that cannot be begun")
    }
    defer { unsafe inflateEnd(&stream) }
    // One octet more than allowed, so that too much shows.
    var output = [UInt8](repeating: 0, count: limit + 1)
    let status = unsafe bytes.withUnsafeBytes { input in
      unsafe output.withUnsafeMutableBytes { output in
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.avail_out = UInt32(output.count)
        return unsafe inflate(&stream, Z_FINISH)
      }
    }
    let count = output.count - Int(unsafe stream.avail_out)
    guard count <= limit else { throw ParseError("compressed data of more than \(limit) octets") }
    guard status == Z_STREAM_END else { throw ParseError("compressed data that is broken") }
    guard unsafe stream.avail_in == 0 else { throw ParseError("octets after compressed data") }
    return Array(output[..<count])
  }
}
