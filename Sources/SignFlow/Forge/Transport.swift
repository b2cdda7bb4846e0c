/// Carries requests. A protocol so that tests can answer without a network.
package protocol Transport: Sendable {
  func send(_ request: HTTPRequest) async throws(ForgeError) -> HTTPResponse
}
