internal import Glibc
internal import OpenPGP
internal import Review

/// What StageX's script runs in place of gpg: hands the call to the service and prints the answer.
package enum SignerClient {
  /// - Parameter name: `gpg` or `gpgv`.
  /// - Returns: The exit status.
  package static func run(_ name: String, socket: String, arguments: [String]) -> Int32 {
    func say(_ text: [UInt8], _ descriptor: Int32) {
      var rest = text[...]
      while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
    do throws(FlowError) {
      let descriptor = try LocalSocket.connect(to: socket)
      defer { close(descriptor) }
      var input: [UInt8] = []
      if case .sign = name == "gpg" ? GPGCall.gpg(arguments) : .notUnderstood("") { input = standardInput() }
      var folder = [CChar](repeating: 0, count: 4096)
      let here =
        unsafe getcwd(&folder, folder.count) == nil ? [] : folder.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let messages = Messages(descriptor: descriptor)
      guard messages.send([Array(name.utf8), here, input] + arguments.map { Array($0.utf8) }),
        let reply = messages.receive(), reply.count == 3,
        let status = reply[0].first
      else { throw FlowError(.impossible, "stagex-maint sign has ended", next: nil) }
      say(reply[1], STDOUT_FILENO)
      say(reply[2], STDERR_FILENO)
      return Int32(status)
    } catch {
      say(Array("stagex-maint: \(error.message)\n".utf8), STDERR_FILENO)
      return 255
    }
  }

  private static func standardInput() -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 8192)
    while bytes.count <= ImageSignature.limit {
      let count = unsafe read(STDIN_FILENO, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer.prefix(count)
    }
    return bytes
  }
}
