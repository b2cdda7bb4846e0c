import Foundation
import Support
import Testing

@testable import GitBridge

struct OfflineTests {
  /// What readies the network takes longer than judging a push. Where libgit2 asks for it, it gets our own.
  @Test func `libgit2's network is not started`() throws {
    _ = try ScriptedRepository()
    let program = try #require(dlopen(nil, RTLD_NOW))
    for (library, name) in [
      ("libssh2.so.1", "libssh2_init"), ("libmbedx509.so.1", "mbedtls_x509_crt_parse_file"),
      ("libmbedcrypto.so.7", "mbedtls_ctr_drbg_seed"),
    ] {
      // A libgit2 that was built with other libraries has not loaded these.
      guard let loaded = dlopen(library, RTLD_NOW | RTLD_NOLOAD) else { continue }
      #expect(dlsym(program, name) != dlsym(loaded, name), "\(name) is the library's")
    }
  }
}
