internal import OpenPGP
internal import Review

/// Asks servers for the certificate of a fingerprint.
struct CertificateDownload: Sendable {
  let transport: any Transport

  /// VKS: by fingerprint, upper case and without 0x; also by a subkey's, which we never ask for.
  func verifyingServer(_ origin: WebOrigin, _ wanted: Fingerprint) async -> CertificateAnswer {
    await ask(origin.description, origin, encodedPath(["vks", "v1", "by-fingerprint", wanted.hex]), wanted)
  }

  /// HKP. `mr`: for a machine, without a page around it.
  func keyServer(_ origin: WebOrigin, _ wanted: Fingerprint) async -> CertificateAnswer {
    let query = [("op", "get"), ("options", "mr"), ("search", "0x" + wanted.hex)]
    return await ask(origin.description, origin, encodedPath(["pks", "lookup"], query: query), wanted)
  }

  /// The advanced method, and only where that host does not exist the direct one, as the draft asks.
  func webKeyDirectory(_ text: String, _ wanted: Fingerprint) async -> CertificateAnswer {
    guard let address = WebKeyAddress(text) else {
      return CertificateAnswer(
        "web key directory", .failed(CertificateFault("\(printable(text)) is no address that can be asked for")))
    }
    let place = "web key directory of \(address.host)"
    do throws(ForgeError) {
      if let advanced = address.advanced {
        return CertificateAnswer(
          place, Self.read(try await get(advanced.origin, advanced.path), wanted, isDirectory: true))
      }
    } catch {
      guard error.isNoSuchHost else { return CertificateAnswer(place, .failed(CertificateFault(error))) }
    }
    do throws(ForgeError) {
      return CertificateAnswer(
        place, Self.read(try await get(address.direct.origin, address.direct.path), wanted, isDirectory: true))
    } catch {
      // Without a network no name is found: that is not the same as a directory that does not know the key.
      return CertificateAnswer(
        place,
        .failed(
          error.isNoSuchHost
            ? CertificateFault("neither openpgpkey.\(address.host) nor \(address.host) can be found")
            : CertificateFault(error)))
    }
  }

  private func ask(_ place: String, _ origin: WebOrigin, _ path: String, _ wanted: Fingerprint) async
    -> CertificateAnswer
  {
    do throws(ForgeError) {
      return CertificateAnswer(place, Self.read(try await get(origin, path), wanted, isDirectory: false))
    } catch {
      return CertificateAnswer(place, .failed(CertificateFault(error)))
    }
  }

  private func get(_ origin: WebOrigin, _ path: String) async throws(ForgeError) -> HTTPResponse {
    let request = HTTPRequest(
      method: .get, origin: origin, path: path,
      headers: ["Accept: application/pgp-keys, application/octet-stream", "User-Agent: stagex-maint"],
      secretHeaders: [], body: nil)
    let response = try await transport.send(request)
    guard [429, 503].contains(response.status), let wait = response.retryAfter, wait <= RestSession.longestWait else {
      return response
    }
    do { try await Task.sleep(for: .seconds(wait)) } catch { return response }
    return try await transport.send(request)
  }

  /// - Parameter isDirectory: A directory answers about an address, whose other keys are no lie.
  private static func read(_ response: HTTPResponse, _ wanted: Fingerprint, isDirectory: Bool)
    -> CertificateAnswer.Result
  {
    switch response.status {
    case 200: return CertificateAnswer.Result(response.body, for: wanted, isServer: !isDirectory)
    case 404, 410: return .absent
    case 300...399: return .failed(CertificateFault("it sends us on to \(response.location), and we do not follow"))
    case 429, 503:
      return .failed(
        CertificateFault("it is busy" + (response.retryAfter.map { " for \($0) s" } ?? ""), isTemporary: true))
    // Static hosts say so of a file that is not there.
    case 403 where isDirectory: return .absent
    case 401, 403, 407: return .failed(CertificateFault("it does not let us ask (HTTP \(response.status))"))
    case 500...599: return .failed(CertificateFault("it is broken (HTTP \(response.status))", isTemporary: true))
    default: return .failed(CertificateFault("HTTP \(response.status), where 200 or 404 is due"))
    }
  }
}

extension CertificateFault {
  fileprivate init(_ error: ForgeError) {
    let text =
      switch error {
      case .unreachable(_, let reason): "it cannot be reached: \(reason)"
      case .timedOut: "it did not answer in time"
      case .tooLarge: "its answer is too large"
      case .malformed(_, let reason): "its answer makes no sense: \(reason)"
      default: error.message
      }
    self.init(text, isTemporary: error.isTemporary)
  }
}

extension ForgeError {
  /// curl(1), "EXIT CODES": 6 is a name that does not exist; where a proxy looks names up, it only says that it cannot
  /// get there.
  fileprivate var isNoSuchHost: Bool {
    guard case .unreachable(_, let reason) = self else { return false }
    return reason.raw.hasPrefix("(6)") || reason.raw.hasPrefix("(97)")
      || reason.raw.hasPrefix("(56)") && reason.raw.contains("CONNECT")
  }
}
