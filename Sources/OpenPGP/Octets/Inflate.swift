internal import Cbz2
internal import Czlib

/// Decompresses what a compressed data packet holds, up to a limit.
enum Inflate {
  /// How the octets are wrapped (RFC 9580, section 9.4).
  enum Format {
    /// Algorithm 1, ZIP: raw DEFLATE.
    case raw
    /// Algorithm 2, ZLIB: with a header and a checksum.
    case zlib
    /// Algorithm 3, BZip2.
    case bzip2
  }

  /// The content of `bytes`, which must be one complete stream with nothing behind it, and come to `limit` octets at
  /// most: a kilobyte can unfold to a megabyte, and so on in layers (CVE-2013-4402).
  static func decompress(_ bytes: [UInt8], _ format: Format, limit: Int) throws(ParseError) -> [UInt8] {
    // One octet more than allowed, so that too much shows.
    var output = [UInt8](repeating: 0, count: limit + 1)
    let end = try format == .bzip2 ? bzip2(bytes, &output) : zlib(bytes, format, &output)
    guard end.count <= limit else { throw ParseError("compressed data of more than \(limit) octets") }
    guard end.isWhole else { throw ParseError("compressed data that is broken") }
    guard end.left == 0 else { throw ParseError("octets after compressed data") }
    return Array(output[..<end.count])
  }

  /// How a stream ended: the octets that it gave, those that are left of it, and whether it came to its own end.
  private typealias End = (count: Int, left: Int, isWhole: Bool)

  private static func zlib(_ bytes: [UInt8], _ format: Format, _ output: inout [UInt8]) throws(ParseError) -> End {
    var stream = unsafe z_stream()
    // A negative number of window bits means that there is no header.
    guard unsafe czlib_inflate_init(&stream, format == .raw ? -15 : 15) == Z_OK else {
      throw ParseError("compressed data that cannot be begun")
    }
    defer { unsafe inflateEnd(&stream) }
    let status = unsafe bytes.withUnsafeBytes { input in
      unsafe output.withUnsafeMutableBytes { output in
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.avail_out = UInt32(output.count)
        return unsafe inflate(&stream, Z_FINISH)
      }
    }
    return unsafe (output.count - Int(stream.avail_out), Int(stream.avail_in), status == Z_STREAM_END)
  }

  private static func bzip2(_ bytes: [UInt8], _ output: inout [UInt8]) throws(ParseError) -> End {
    var stream = unsafe bz_stream()
    guard unsafe BZ2_bzDecompressInit(&stream, 0, 0) == BZ_OK else {
      throw ParseError("compressed data that cannot be begun")
    }
    defer { unsafe BZ2_bzDecompressEnd(&stream) }
    var input = bytes
    let status = unsafe input.withUnsafeMutableBytes { input in
      unsafe output.withUnsafeMutableBytes { output in
        unsafe stream.next_in = input.bindMemory(to: CChar.self).baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.bindMemory(to: CChar.self).baseAddress
        unsafe stream.avail_out = UInt32(output.count)
        // All there is lies before it: where it asks for more, it was cut short.
        return unsafe BZ2_bzDecompress(&stream)
      }
    }
    return unsafe (output.count - Int(stream.avail_out), Int(stream.avail_in), status == BZ_STREAM_END)
  }
}
